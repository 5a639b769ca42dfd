import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ErrorCode, KeyedTurns, Volume, VolumeCloud } from '@fogbow/plugin-contracts';
import { isInTheMaking, isLeavingVolume, isOurVolume, volumeOf } from './cinder-volume.js';
import type { CinderVolume } from './cinder-volume.js';
import { orAbsent, recoded } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import { requireClientToken, shortened, TITLE_KEY, TOKEN_KEY } from './our-names.js';

const POLL_MS = 150;
const TRIES = 5;

/** What volumes and attachments read of Cinder. */
export interface CinderReader {
  get(id: string, call: CloudCall): Promise<CinderVolume | undefined>;
  /** Ours, those that are leaving too. */
  all(call: CloudCall): Promise<CinderVolume[]>;
}

export function createCinderReader(http: OpenStackHttp): CinderReader {
  return {
    get: async (id, call) => (await orAbsent(http.ask<{ volume: CinderVolume }>('volume', { method: 'GET', path: `/volumes/${encodeURIComponent(id)}` }, call)))?.volume,
    all: async (call) => (await http.list<CinderVolume>('volume', { path: '/volumes/detail', key: 'volumes' }, call)).filter(isOurVolume),
  };
}

/** Volumes of Cinder. A volume is ours by its name, which is its client token, and by its metadata. */
export function createCinderVolumes(http: OpenStackHttp, reader: CinderReader, turns: KeyedTurns): VolumeCloud {
  const find = async (clientToken: string, call: CloudCall): Promise<Volume | undefined> => {
    requireClientToken(clientToken);
    const named = await http.list<CinderVolume>('volume', { path: '/volumes/detail', key: 'volumes', query: { name: clientToken } }, call);
    const [first] = named.filter((one) => one.name === clientToken && isOurVolume(one) && !isLeavingVolume(one))
      .sort((left, right) => (left.created_at ?? '').localeCompare(right.created_at ?? '') || left.id.localeCompare(right.id));
    return first && volumeOf(first);
  };
  const optional = (found: CinderVolume | undefined): Volume | undefined => found && volumeOf(found);
  return {
    create: ({ clientToken, sizeGb, name }, call) => turns(clientToken, async () => {
      if (!Number.isInteger(sizeGb) || sizeGb < 1) throw new FogbowError('cloud-rejected', 'The size of a volume is a whole number of GB from 1 up.');
      const before = await find(clientToken, call);
      if (before) return before;
      const metadata = { [TOKEN_KEY]: clientToken, ...(name === undefined ? {} : { [TITLE_KEY]: shortened(name) }) };
      const { volume } = await http.ask<{ volume: CinderVolume }>('volume', { method: 'POST', path: '/volumes', body: { volume: { name: clientToken, size: sizeGb, metadata } } }, call)
        .catch((error: unknown) => { throw recoded(error, { conflict: 'cloud-rejected', 'not-found': 'cloud-rejected' }); });
      return volumeOf(volume) as Volume;
    }),
    find,
    describe: async (id, call) => optional(await reader.get(id, call)),
    list: async (call) => (await reader.all(call)).flatMap((one) => volumeOf(one) ?? []),
    remove: (id, call) => removeVolume(http, reader, id, call),
  };
}

/** Cinder refuses with 400 what its state does not allow: a second removal, one while it is in use, and one while it is in the making. */
async function removeVolume(http: OpenStackHttp, reader: CinderReader, id: string, call: CloudCall): Promise<void> {
  for (let refused = 1; ; refused += 1) {
    const refusal = await http.ask('volume', { method: 'DELETE', path: `/volumes/${encodeURIComponent(id)}` }, call).then(() => undefined, (error: unknown) => error);
    if (refusal === undefined || hasCode(refusal, 'not-found')) return;
    if (!hasCode(refusal, 'cloud-rejected')) throw refusal;
    const now = await reader.get(id, call);
    if (!now || isLeavingVolume(now)) return;
    // It may have become available between refusal and look; with snapshots it stays so, and stays refused.
    const mayPass = isInTheMaking(now) || (now.status === 'available' && refused <= TRIES);
    if (!mayPass) throw recoded(refusal, { 'cloud-rejected': 'conflict' });
    await delay(POLL_MS, undefined, { signal: call.signal }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', 'Cinder is still making the volume, and removes nothing that is in the making.', { cause });
    });
  }
}

const hasCode = (error: unknown, code: ErrorCode): boolean => error instanceof FogbowError && error.code === code;
