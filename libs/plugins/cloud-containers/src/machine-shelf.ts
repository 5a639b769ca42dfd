import { FogbowError } from '@fogbow/plugin-contracts';
import type { PluginLog } from '@fogbow/plugin-contracts';
import { assessContainer, tellsEnough } from './assess-container.js';
import type { ContainerStanding } from './assess-container.js';
import { engineFault, wordsOf } from './engine-faults.js';
import type { ContainerFacts, EngineContainers } from './engine-containers.js';
import { addressesIn, isOurs } from './labels.js';
import type { Ownership } from './labels.js';

/** A container as a machine: what it is, and how it stands. */
export interface Machine {
  readonly facts: ContainerFacts;
  readonly standing: Extract<ContainerStanding, { kind: 'machine' }>;
}

/** The machines in the engine. Whoever sees one that its maker died before starting, starts it. */
export interface MachineShelf {
  all(signal: AbortSignal): Promise<Machine[]>;
  /** By id or by the container's name; undefined for what is not ours too. */
  get(name: string, signal: AbortSignal): Promise<Machine | undefined>;
  /** Starts a container that was just made. Throws what the engine says against it; the container stays. */
  launch(id: string, signal: AbortSignal): Promise<void>;
}

export function createMachineShelf(containers: EngineContainers, own: Ownership, log: PluginLog): MachineShelf {
  const launch = async (facts: Pick<ContainerFacts, 'id' | 'labels'>, signal: AbortSignal): Promise<void> => {
    for (const { networkId, address } of addressesIn(facts.labels)) await containers.connect(facts.id, networkId, address, signal);
    const answer = await containers.tell(facts.id, 'start', signal);
    if (answer.status === 204 || answer.status === 304) return;
    if (/address already in use/i.test(wordsOf(answer))) throw new FogbowError('conflict', `An address of the machine is taken: ${wordsOf(answer)}`);
    throw answer.status === 404 ? new FogbowError('cloud-rejected', `The container cannot be started: ${wordsOf(answer)}`) : engineFault(answer, 'start a container');
  };

  /** A container that cannot be started stands in the list with the engine's reason; it must not keep us from seeing the others. */
  const finish = async (facts: ContainerFacts, signal: AbortSignal): Promise<ContainerFacts | undefined> => {
    await launch(facts, signal).catch((error: Error) => log.warn('a container could not be started', { container: facts.id, reason: error.message }));
    return await containers.inspect(facts.id, signal);
  };

  const settle = async (seen: ContainerFacts, signal: AbortSignal): Promise<Machine | undefined> => {
    const facts = tellsEnough(seen) || seen.details ? seen : await containers.inspect(seen.id, signal);
    if (!facts) return undefined;
    const standing = assessContainer(facts);
    if (standing.kind === 'machine') return { facts, standing };
    if (standing.kind === 'gone') return undefined;
    const finished = await finish(facts, signal);
    const after = finished && assessContainer(finished);
    if (!finished || after?.kind === 'gone') return undefined;
    return { facts: finished, standing: after?.kind === 'machine' ? after : { kind: 'machine', state: 'inactive' } };
  };

  return {
    async all(signal) {
      const settled = await Promise.all((await containers.list(signal)).map((facts) => settle(facts, signal)));
      return settled.flatMap((machine) => machine ?? []);
    },
    async get(name, signal) {
      const facts = await containers.inspect(name, signal);
      return facts && isOurs(own, facts.labels) ? await settle(facts, signal) : undefined;
    },
    async launch(id, signal) {
      const facts = await containers.inspect(id, signal);
      if (facts) await launch(facts, signal);
    },
  };
}
