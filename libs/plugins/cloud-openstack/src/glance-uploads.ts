import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createImageFiles, createWorkUnderWay, lockFile } from '@fogbow/image-files';
import type { ImageSettings, ImageSource, Progress } from '@fogbow/image-files';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, PluginHost } from '@fogbow/plugin-contracts';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import { IMAGE_KEY, markOf, planUpload, SENDER_KEY } from './plan-upload.js';
import type { UploadedImage } from './plan-upload.js';

export interface UploadOptions extends ImageSettings {
  readonly host: PluginHost;
}

/** Images that the member gives its OpenStack. */
export interface GlanceUploads {
  readonly names: ReadonlySet<string>;
  /** The id of the image, which is fetched and sent where the project has none of that content. */
  idOf(name: string, call: CloudCall): Promise<string>;
  forget(): void;
  close(): Promise<void>;
}

const KEPT_MS = 300_000;
/** Longer waits are for the next try of the order, which is told how far it is. */
const PATIENCE_MS = 10_000;

export function createGlanceUploads(options: UploadOptions, http: OpenStackHttp): GlanceUploads {
  const { sources, folder, limits, host } = options;
  const files = createImageFiles({ folder, sources, limits, log: host.log, now: () => host.now() });
  const underWay = createWorkUnderWay();
  const known = new Map<string, { readonly id: string; readonly at: number }>();
  return {
    names: new Set(sources.keys()),
    async idOf(name, call) {
      const key = `${await http.projectOf(call)} ${name}`;
      const kept = known.get(key);
      if (kept && host.now().getTime() - kept.at < KEPT_MS) return kept.id;
      const id = await underWay.share(key, name, { signal: call.signal, patienceMs: PATIENCE_MS }, (signal, progress) => upload(options, http, files, { name, call: { token: call.token, signal }, progress }));
      known.set(key, { id, at: host.now().getTime() });
      return id;
    },
    forget: () => known.clear(),
    async close() {
      await Promise.all([underWay.close(), files.close()]);
    },
  };
}

interface Wanted {
  readonly name: string;
  readonly call: CloudCall;
  readonly progress: Progress;
}

async function upload(options: UploadOptions, http: OpenStackHttp, files: ReturnType<typeof createImageFiles>, wanted: Wanted): Promise<string> {
  const { name, call, progress } = wanted;
  const mark = markOf(options.sources.get(name) as ImageSource, options.format);
  const first = await look(options, http, { name, mark, call });
  if (first.kind === 'there') return first.id;
  progress.tell('it is being fetched');
  const path = await files.ensureLocalImage(name, { format: options.format, signal: call.signal });
  const unlock = await lockFile(join(options.folder, `${createHash('sha256').update(mark).digest('hex').slice(0, 32)}.sending.lock`), call.signal);
  try {
    // Another process may have sent it while we waited.
    const plan = await look(options, http, { name, mark, call });
    if (plan.kind === 'there') return plan.id;
    for (const id of plan.remove) await orAbsent(http.ask('image', { method: 'DELETE', path: `/images/${id}` }, call));
    return await send(options, http, wanted, { mark, path });
  } finally {
    await unlock();
  }
}

const senderOf = ({ folder, host }: UploadOptions): string => createHash('sha256').update(`${host.memberId} ${hostname()} ${folder}`).digest('hex').slice(0, 32);

async function look(options: UploadOptions, http: OpenStackHttp, { name, mark, call }: { readonly name: string; readonly mark: string; readonly call: CloudCall }): Promise<Extract<ReturnType<typeof planUpload>, { kind: 'there' | 'send' }>> {
  const found = await http.list<UploadedImage>('image', { path: '/images', key: 'images', query: { name, [IMAGE_KEY]: mark } }, call);
  const plan = planUpload(found, senderOf(options), options.host.now());
  if (plan.kind === 'wait') throw new FogbowError('no-valid-host', `The image ${name} is not here yet: another host is sending it to Glance.`);
  if (plan.kind === 'unusable') throw new FogbowError('cloud-rejected', `The image ${name} is ${plan.status} in Glance.`);
  return plan;
}

/** A record without content is of no use to anybody: it goes when the content does not come. */
async function send(options: UploadOptions, http: OpenStackHttp, { name, call, progress }: Wanted, { mark, path }: { readonly mark: string; readonly path: string }): Promise<string> {
  const { log } = options.host;
  const body = { name, disk_format: options.format, container_format: 'bare', visibility: 'private', [IMAGE_KEY]: mark, [SENDER_KEY]: senderOf(options) };
  const { id } = await http.ask<{ id: string }>('image', { method: 'POST', path: '/images', body }, call);
  log.info('an image is sent to Glance', { image: name, id });
  try {
    await http.sendFile('image', { path: `/images/${id}/file`, file: path, onBytes: (sent, total) => progress.tell(`${Math.floor((100 * sent) / total)} % of ${total} bytes are in Glance`) }, call);
  } catch (error) {
    log.warn('an image could not be sent to Glance', { image: name, id, error });
    // The call's time may be what was over.
    const rest: CloudCall = { token: call.token, signal: AbortSignal.timeout(REMOVAL_MS) };
    await http.ask('image', { method: 'DELETE', path: `/images/${id}` }, rest).catch(() => undefined);
    throw error;
  }
  log.info('an image is in Glance', { image: name, id });
  return id;
}

const REMOVAL_MS = 10_000;
