import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshHost } from '@fogbow/embedded-servers';
import type { NewOrder, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isRunning, processesWith } from '../machines.js';
import { awaitState } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import type { ImagePublisher } from './image-publisher.js';

/** Two members, of which B has two hosts: this one, and the same once more by ssh. */
export interface HostsWorld {
  readonly world: World;
  readonly there: SshHost;
  /** The image of the machines: a path here. */
  readonly disk: string;
  readonly publisher: ImagePublisher;
  /** The machine of an order as its host has it. */
  machineOf(order: Pick<OrderView, 'id' | 'instanceId'>): MachineOnHost;
  /** Folders of machines on both hosts, those that are being made and taken apart too. */
  folders(): string[];
  noMachines(): Promise<void>;
  /** An order that only B may serve, fulfilled. */
  atB(order?: Partial<NewOrder>): Promise<OrderView>;
  submitToB(order?: Partial<NewOrder>): Promise<string>;
  /** Whether the federation runs. */
  isStarted(): boolean;
  /** For an end that leaves nothing behind, whatever became of the story. */
  killAll(): void;
}

export interface MachineOnHost {
  readonly host: 'here' | 'there';
  readonly folder: string;
  /** Of its QEMU; undefined when none runs. */
  pid(): number | undefined;
}

/** Emulated machines boot with half a minute of processor time. */
export const BOOT_MS = 300_000;

export interface CloudParts {
  readonly disk: string;
  readonly dialHost: string;
  readonly there: SshHost;
  readonly publisher: ImagePublisher;
}

/** What an operator would write for `npm start`; JSON is YAML too. `lost` is an image that the hosts do not have, `published` one that they are given. `here` has more memory, `there` room for one. */
export function writeCloudFile(folder: string, { disk, dialHost, there, publisher: { url, sha256 } }: CloudParts): string {
  const file = join(folder, 'cloud-b.yaml');
  const settings = {
    directory: join(folder, 'manager'), images: { debian: disk, lost: '/nowhere/lost.qcow2', published: { url, sha256 } }, imageFolder: join(folder, 'images'), stopTimeout: '20s', retryAfter: '2s', connectTimeout: '3s',
    hosts: {
      here: { at: 'local', directory: join(folder, 'here'), machines: 2, vcpu: 2, ramMb: 1100, diskGb: 20 },
      there: {
        at: `ssh://${there.username}@127.0.0.1:${there.port}`, keyFile: there.keyFile, hostKey: there.hostKey, directory: join(folder, 'there'),
        machines: 1, vcpu: 1, ramMb: 700, diskGb: 10,
      },
    },
  };
  writeFileSync(file, JSON.stringify({ dialHost, settings }));
  return file;
}

/** An address of this host that machines can dial: their own loopback is not ours. */
export function addDialAddress(): { readonly address: string; remove(): void } {
  const address = `198.18.${process.pid % 250}.1`;
  const tell = (verb: string): void => void spawnSync('ip', ['address', verb, `${address}/32`, 'dev', 'lo'], { timeout: 10_000 });
  tell('add');
  return { address, remove: () => tell('delete') };
}

export function createHostsWorld(world: World, { there, disk, publisher, folder }: Pick<HostsWorld, 'there' | 'disk' | 'publisher'> & { readonly folder: string }): HostsWorld {
  const namesIn = (host: string): string[] => (existsSync(join(folder, host, 'machines')) ? readdirSync(join(folder, host, 'machines')).map((name) => join(folder, host, 'machines', name)) : []);
  const folders = (): string[] => ['here', 'there'].flatMap(namesIn);
  const processes = (): number[] => processesWith(`${folder}/`).filter(isQemu);
  const submitToB = async (order: Partial<NewOrder> = {}): Promise<string> => {
    const requirements = `Glue2CloudComputeManagerID == "${world.b.id}"`;
    const [id] = await world.home.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements, ...order });
    assert(id);
    return id;
  };
  return {
    world, there, disk, publisher, folders, submitToB,
    machineOf({ instanceId = '' }) {
      const [, host = '', token = ''] = /^(here|there)\.(.+)-[0-9a-f]{8}@/.exec(instanceId) ?? [];
      const machine = join(folder, host, 'machines', token);
      assert(host !== '' && existsSync(machine), `there is no machine ${instanceId}; there are ${folders().join(', ')}`);
      return { host: host as 'here' | 'there', folder: machine, pid: () => pidIn(machine) };
    },
    noMachines: async () => void await awaitEvent('no machine, no process and no file of one', () => folders().length === 0 && processes().length === 0, { timeoutMs: 120_000, seen: () => folders() }),
    async atB(order = {}) {
      const [made] = await awaitState(world, [await submitToB(order)], 'fulfilled', BOOT_MS);
      assert(made);
      return made;
    },
    isStarted: () => existsSync(join(world.federation.data, 'federation.json')) && world.federation.file().running,
    killAll: () => processes().forEach((pid) => process.kill(pid, 'SIGKILL')),
  };
}

function pidIn(folder: string): number | undefined {
  const file = join(folder, 'pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return pid > 0 && isRunning(pid) ? pid : undefined;
}

function isQemu(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('qemu');
  } catch {
    return false;
  }
}
