import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadMachineImage, startContainerEngine } from '@fogbow/embedded-servers';
import type { ContainerEngine } from '@fogbow/embedded-servers';
import type { NewOrder, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { awaitState } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import { cloneRoot } from '../start-federation.js';

/** Two members, of which B has the engine for a cloud, and what the engine itself says. */
export interface ContainerWorld {
  readonly world: World;
  readonly engine: ContainerEngine;
  /** The real docker client, to its end; its output. */
  docker(...args: string[]): Promise<string>;
  /** Ids of all containers of the engine that have the label, running or not. */
  containersOf(order: Pick<OrderView, 'id'>): Promise<string[]>;
  noContainers(): Promise<void>;
  /** An order that only B may serve, fulfilled. */
  atB(order?: Partial<NewOrder>): Promise<OrderView>;
  submitToB(order?: Partial<NewOrder>): Promise<string>;
  /** Whether the federation runs. */
  isStarted(): boolean;
}

/** Machines that B has room for. */
export const ROOM_AT_B = 2;
const IMAGE = 'fogbow-machine:1';

export async function startEngine(): Promise<ContainerEngine> {
  const begun = performance.now();
  const engine = await startContainerEngine();
  try {
    await loadMachineImage(cloneRoot(), engine.socket, IMAGE);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  process.stdout.write(`The engine runs and has its image after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
  return engine;
}

/** What an operator would write for `npm start`; JSON is YAML too. `lost` is an image that the operator has named and the engine does not have. */
export function writeCloudFile(folder: string, { socket, hostAddress }: ContainerEngine): string {
  const file = join(folder, 'cloud-b.yaml');
  const settings = { socket, images: { 'fogbow-machine': IMAGE, lost: 'lost:1' }, maxInstances: ROOM_AT_B, maxRamMb: 4096, networkRanges: ['10.77.0.0/16'], callTimeout: '10s' };
  writeFileSync(file, JSON.stringify({ dialHost: hostAddress, settings }));
  return file;
}

export function createContainerWorld(world: World, engine: ContainerEngine): ContainerWorld {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', ['-H', `unix://${engine.socket}`, ...args], { timeout: 30_000, encoding: 'utf8' })).stdout.trim();
  const listed = async (...args: string[]): Promise<string[]> => (await docker('ps', '-aq', '--no-trunc', ...args)).split('\n').filter(Boolean);
  const submitToB = async (order: Partial<NewOrder> = {}): Promise<string> => {
    const requirements = `Glue2CloudComputeManagerID == "${world.b.id}"`;
    const [id] = await world.home.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements, ...order });
    assert(id);
    return id;
  };
  return {
    world, engine, docker, submitToB,
    containersOf: ({ id }) => listed('--filter', `label=org.fogbow.order=${id}`),
    noContainers: async () => void await awaitEvent('no containers and no networks of ours', async () =>
      (await listed()).length === 0 && (await docker('network', 'ls', '-q', '--filter', 'label=org.fogbow.member')) === ''),
    async atB(order = {}) {
      const [made] = await awaitState(world, [await submitToB(order)], 'fulfilled');
      assert(made);
      return made;
    },
    isStarted: () => existsSync(join(world.federation.data, 'federation.json')) && world.federation.file().running,
  };
}
