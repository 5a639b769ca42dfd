import { FogbowError } from '@fogbow/plugin-contracts';
import type { ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import { isContainerId } from './containers-compute.js';
import type { ContainerVerb, EngineContainers } from './engine-containers.js';
import { engineFault } from './engine-faults.js';
import type { EngineAnswer } from './engine-wire.js';
import type { Machine, MachineShelf } from './machine-shelf.js';
import { planPower } from './plan-power.js';
import { RUNNING_POLICY } from './machine-spec.js';

const ACTIONS: readonly PowerAction[] = ['start', 'stop', 'restart', 'suspend'];
const POLICY: { readonly [Action in PowerAction]?: string } = { start: RUNNING_POLICY, stop: 'no' };

/** Switches containers; suspend freezes their processes. Whether a machine shall run is noted as its restart policy, so a stopped one stays so when the engine starts. */
export function createContainersPower(containers: EngineContainers, shelf: MachineShelf): ComputePower {
  const machineOf = async (id: string, signal: AbortSignal): Promise<Machine> => {
    const machine = isContainerId(id) ? await shelf.get(id, signal) : undefined;
    if (!machine) throw new FogbowError('not-found', `This cloud has no machine ${id}.`);
    return machine;
  };

  /** The answer to the last of the verbs, if the engine has not done it and it was not so: only the last has to succeed. */
  const tell = async (id: string, verbs: readonly ContainerVerb[], signal: AbortSignal): Promise<EngineAnswer | undefined> => {
    let last: EngineAnswer | undefined;
    for (const verb of verbs) last = await containers.tell(id, verb, signal);
    return last && ![204, 304].includes(last.status) ? last : undefined;
  };

  return {
    actions: ACTIONS,
    async perform(id, action, { signal }) {
      if (!ACTIONS.includes(action)) throw new FogbowError('method-not-allowed', `This cloud cannot ${String(action)} a machine.`);
      const verbs = planPower((await machineOf(id, signal)).standing.state, action);
      const policy = POLICY[action];
      if (policy !== undefined && verbs.length > 0) await containers.setRestartPolicy(id, policy, signal);
      const refusal = await tell(id, verbs, signal);
      if (!refusal) return;
      // The same may have been asked at the same time: then there is nothing left to do.
      if (action !== 'restart' && planPower((await machineOf(id, signal)).standing.state, action).length === 0) return;
      throw engineFault(refusal, `${action} the container`);
    },
  };
}
