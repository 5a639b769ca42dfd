import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { AttachmentCloud, CloudCall, VolumeCloud } from '@fogbow/plugin-contracts';
import { createAttachmentHolds } from './attachment-holds.js';
import { openBook } from './disk-books.js';
import type { AttachmentRecord, VolumeRecord } from './disk-books.js';
import type { Host } from './fleet.js';
import { createHostsAttachments } from './hosts-attachments.js';
import type { HostsOptions } from './hosts-options.js';
import { createHostsVolumes } from './hosts-volumes.js';
import type { QmpAnswer, QmpCommand } from './qmp-client.js';
import { createSharedTurns } from './shared-turns.js';

const call: CloudCall = { token: { value: '' }, signal: AbortSignal.timeout(60_000) };
const instanceId = 'h.one-00000001';

interface Worker { readonly volumes: VolumeCloud; readonly attachments: AttachmentCloud; readonly books: HostsOptions['books'] }

let folder = '';
let nonces = 0;
/** Disks that the machine has. */
let plugged: Set<string>;
/** What QEMU does with a command before it obeys; it may throw in place of an answer, or answer for it. */
let meanwhile: (command: QmpCommand, obey: () => QmpAnswer) => Promise<QmpAnswer> | QmpAnswer;

beforeEach(() => {
  folder = mkdtempSync(join('/tmp', 'ha-'));
  plugged = new Set();
  meanwhile = (_command, obey) => obey();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function obey({ execute, arguments: given }: QmpCommand): QmpAnswer {
  const { id = '' } = given as { id?: string };
  if (execute === 'device_add' && plugged.has(id)) return { refusal: `Duplicate device ID '${id}'` };
  if (execute === 'device_add') plugged.add(id);
  if (execute === 'device_del' && !plugged.delete(id)) return { refusal: `Device '${id}' not found` };
  return { value: {} };
}

const host = {
  spec: { name: 'h', directory: '/srv' },
  shell: { outcome: () => Promise.resolve('') },
  machines: {
    get: (id: string) => Promise.resolve(id === instanceId ? { state: 'active', record: { id } } : undefined),
    look: () => Promise.resolve([{ state: 'active', record: { id: instanceId } }]),
  },
  monitor: {
    talk: <Result>(_id: string, _signal: AbortSignal, say: (qemu: object) => Promise<Result>) =>
      say({ tell: async (command: QmpCommand) => await meanwhile(command, () => obey(command)) }),
  },
} as unknown as Host;

/** As one process of the member. */
function start(): Worker {
  const mark = (): string => (nonces += 1).toString(16).padStart(8, '0');
  const books = { volumes: openBook<VolumeRecord>(join(folder, 'volumes'), mark), attachments: openBook<AttachmentRecord>(join(folder, 'attachments'), mark) };
  const options = {
    books, turn: createSharedTurns(join(folder, 'volumes.lock')), volumeLimit: { volumes: 3, volumeGb: Infinity }, callTimeoutMs: 60_000,
    pause: () => Promise.resolve(), now: () => new Date(), nonce: mark,
  } as unknown as HostsOptions;
  const holds = createAttachmentHolds(books.attachments, [host]);
  return { books, volumes: createHostsVolumes(options, [host], holds), attachments: createHostsAttachments(options, [host], holds) };
}
const wish = (clientToken: string, volumeId: string) => ({ clientToken, volumeId, instanceId });
const volumeOf = async ({ volumes }: Worker, clientToken: string): Promise<string> => (await volumes.create({ clientToken, sizeGb: 1 }, call)).id;
const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

it.each(['find', 'attach'] as const)('a disk whose giver died before it gave it is given by the next %s', async (way) => {
  const worker = start();
  const volumeId = await volumeOf(worker, 'v');
  worker.books.volumes.replace({ ...worker.books.volumes.get(volumeId) as VolumeRecord, host: 'h' });
  worker.books.attachments.add({ id: 'a-00000009', clientToken: 'a', volumeId, instanceId, device: 'vdc', port: 0, plugged: false, createdAt: new Date().toISOString() });
  expect(await worker.attachments.list(call)).toMatchObject([{ id: 'a-00000009', state: 'inactive' }]);
  const found = way === 'find' ? await worker.attachments.find('a', call) : await worker.attachments.attach(wish('a', volumeId), call);
  expect(found).toMatchObject({ id: 'a-00000009', state: 'active' });
  expect(plugged.size).toBe(1);
  expect(worker.books.attachments.named('a')?.plugged).toBe(true);
});

it('a disk that QEMU took without a word is not forgotten: its volume stays until it is detached', async () => {
  const worker = start();
  const volumeId = await volumeOf(worker, 'v');
  meanwhile = ({ execute }, go) => {
    const answer = go();
    if (execute === 'device_add') throw new FogbowError('cloud-unavailable', 'The monitor of the machine did not answer in time.');
    return answer;
  };
  expect(await worker.attachments.attach(wish('a', volumeId), call).catch(codeOf)).toBe('cloud-unavailable');
  expect(plugged.size).toBe(1);
  expect(await worker.volumes.remove(volumeId, call).catch(codeOf)).toBe('conflict');
  meanwhile = (_command, go) => go();
  const left = await worker.attachments.find('a', call);
  await worker.attachments.detach(left?.id ?? '', call);
  expect(plugged.size).toBe(0);
  await worker.volumes.remove(volumeId, call);
});

it('a disk that QEMU refuses leaves nothing, when it is asked for and when it is looked for', async () => {
  const worker = start();
  const volumeId = await volumeOf(worker, 'v');
  meanwhile = ({ execute }, go) => (execute === 'device_add' ? { refusal: 'Bus \'port0\' not found' } : go());
  expect(await worker.attachments.attach(wish('a', volumeId), call).catch(codeOf)).toBe('conflict');
  expect(worker.books.attachments.all()).toEqual([]);
  worker.books.attachments.add({ id: 'a-00000009', clientToken: 'a', volumeId, instanceId, device: 'vdc', port: 0, plugged: false, createdAt: new Date().toISOString() });
  expect(await worker.attachments.find('a', call)).toBeUndefined();
  expect(worker.books.attachments.all()).toEqual([]);
});

it('two processes give no volume twice, no port twice, and no more volumes than there may be', async () => {
  const [left, right] = [start(), start()];
  const made = await Promise.allSettled([left, right, left, right].map(({ volumes }, index) => volumes.create({ clientToken: `v${index}`, sizeGb: 1 }, call)));
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const [one, two] = left.books.volumes.all().map(({ id }) => id) as [string, string];
  meanwhile = async (_command, go) => (await new Promise(setImmediate), go());
  const outcomes = await Promise.all([
    left.attachments.attach(wish('a', one), call).catch(codeOf), right.attachments.attach(wish('b', one), call).catch(codeOf), right.attachments.attach(wish('c', two), call),
  ]);
  expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(1);
  expect(left.books.attachments.all().map(({ port }) => port).sort()).toEqual([0, 1]);
});

it('a system that does not let go of its volume keeps nobody else waiting', async () => {
  const [left, right] = [start(), start()];
  const [held, other] = [await volumeOf(left, 'held'), await volumeOf(left, 'other')];
  const { id } = await left.attachments.attach(wish('a', held), call);
  let letGo = false;
  const asked = new Promise<void>((resolve) => {
    meanwhile = ({ execute }, go) => {
      if (execute !== 'device_del' || letGo) return go();
      resolve();
      return { value: {} };
    };
  });
  const detached = left.attachments.detach(id, call);
  await asked;
  await right.attachments.attach(wish('b', other), call);
  letGo = true;
  await detached;
  expect(plugged.size).toBe(1);
});
