import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Attachment, AttachmentCloud, AttachmentRequest, CloudCall, KeyedTurns } from '@fogbow/plugin-contracts';
import type { CinderVolume } from './cinder-volume.js';
import type { CinderReader } from './cinder-volumes.js';
import { attachmentId, attachmentOf, noteKey, notesOf, noteText, volumeIdOf } from './nova-attachment.js';
import type { AttachmentNote } from './nova-attachment.js';
import { orAbsent, recoded } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import { requireClientToken } from './our-names.js';

const DETACH_POLL_MS = 150;

interface Parts { readonly http: OpenStackHttp; readonly reader: CinderReader }

/** Attachments: Nova makes them, Cinder's volumes tell of them. One list of the volumes shows all. */
export function createNovaAttachments(http: OpenStackHttp, reader: CinderReader, turns: KeyedTurns): AttachmentCloud {
  const parts: Parts = { http, reader };
  const list = async (call: CloudCall): Promise<Attachment[]> => (await reader.all(call)).flatMap((volume) => attachmentOf(volume) ?? []);
  const find = async (clientToken: string, call: CloudCall): Promise<Attachment | undefined> => {
    requireClientToken(clientToken);
    return (await list(call)).find((one) => one.clientToken === clientToken);
  };
  const describe = async (id: string, call: CloudCall): Promise<Attachment | undefined> => {
    const volume = await reader.get(volumeIdOf(id), call);
    const found = volume && attachmentOf(volume);
    return found?.id === id ? found : undefined;
  };
  return {
    attach: (request, call) => turns(`attachment ${request.clientToken}`, async () => await find(request.clientToken, call) ?? await attach(parts, request, call)),
    find,
    describe,
    list,
    async detach(id, call) {
      const volume = await reader.get(volumeIdOf(id), call);
      const found = volume && attachmentOf(volume);
      if (!volume || found?.id !== id) {
        // It may be ending, or Nova was never asked.
        if (volume) await forgetNote(parts, volume, id, call);
        return;
      }
      await untilFree(parts, found, call);
      await forgetNote(parts, volume, id, call);
    },
  };
}

async function attach({ http, reader }: Parts, { clientToken, volumeId, instanceId, device }: AttachmentRequest, call: CloudCall): Promise<Attachment> {
  const volume = await reader.get(volumeId, call);
  if (!volume) throw new FogbowError('not-found', `OpenStack has no volume ${volumeId}.`);
  if (volume.status !== 'available') throw new FogbowError('conflict', `The volume is ${volume.status}; only one that is available can be attached.`);
  const note: AttachmentNote = { clientToken, nonce: randomBytes(4).toString('hex'), instanceId, device: device ?? '' };
  await http.ask('volume', { method: 'POST', path: `/volumes/${volume.id}/metadata`, body: { metadata: { [noteKey(clientToken)]: noteText(note) } } }, call);
  const wish = device === undefined ? {} : { device: device.startsWith('/') ? device : `/dev/${device}` };
  try {
    const { volumeAttachment: made } = await http.ask<{ volumeAttachment: { device: string } }>('compute', {
      method: 'POST', path: `/servers/${encodeURIComponent(instanceId)}/os-volume_attachments`, body: { volumeAttachment: { volumeId: volume.id, ...wish } },
    }, call);
    return { id: attachmentId(volume.id, note.nonce), clientToken, volumeId: volume.id, instanceId, device: made.device, state: 'inactive' };
  } catch (error) {
    const isClear = error instanceof FogbowError && error.code !== 'cloud-unavailable';
    if (isClear) await dropNote(http, volume.id, clientToken, call).catch(() => undefined);
    throw await isTaken({ http, reader }, error, volume.id, call) ? recoded(error, { 'cloud-rejected': 'conflict' }) : error;
  }
}

/** Nova answers 400 for a volume that somebody else took meanwhile, and for a device name that is in use. */
async function isTaken({ reader }: Parts, error: unknown, volumeId: string, call: CloudCall): Promise<boolean> {
  if (!(error instanceof FogbowError) || error.code !== 'cloud-rejected') return false;
  return /in use|already/i.test(error.message) || (await reader.get(volumeId, call))?.status !== 'available';
}

const dropNote = async (http: OpenStackHttp, volumeId: string, clientToken: string, call: CloudCall): Promise<void> =>
  void await orAbsent(http.ask('volume', { method: 'DELETE', path: `/volumes/${volumeId}/metadata/${noteKey(clientToken)}` }, call));

async function forgetNote({ http }: Parts, volume: CinderVolume, id: string, call: CloudCall): Promise<void> {
  const note = notesOf(volume).find(({ nonce }) => attachmentId(volume.id, nonce) === id);
  if (note) await dropNote(http, volume.id, note.clientToken, call);
}

/** Asks Nova as soon as the volume is attached, and again should it be attached after all; it is free when Cinder says so. */
async function untilFree({ http, reader }: Parts, { volumeId, instanceId }: Attachment, call: CloudCall): Promise<void> {
  for (;;) {
    const now = await reader.get(volumeId, call);
    if (!now || now.status === 'available' || (now.attachments[0] && now.attachments[0].server_id !== instanceId)) return;
    if (now.status === 'in-use') await askToDetach(http, { volumeId, instanceId }, call);
    await delay(DETACH_POLL_MS, undefined, { signal: call.signal }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', `OpenStack is still detaching the volume, which is ${now.status}.`, { cause });
    });
  }
}

/** A volume that another call detaches already answers 400 or 409; what counts is how it ends. */
async function askToDetach(http: OpenStackHttp, { volumeId, instanceId }: Pick<Attachment, 'volumeId' | 'instanceId'>, call: CloudCall): Promise<void> {
  await orAbsent(http.ask('compute', { method: 'DELETE', path: `/servers/${instanceId}/os-volume_attachments/${volumeId}` }, call)).catch((error: unknown) => {
    if (!(error instanceof FogbowError) || !['conflict', 'cloud-rejected'].includes(error.code)) throw error;
  });
}
