import type { InstanceState } from '@fogbow/plugin-contracts';
import type { MachineFacts } from './read-inventory.js';

/** `due`: it shall run, and nothing has started it since it was made or since its host booted: whoever sees it starts it. */
export type MachineStanding = { readonly kind: 'machine'; readonly state: InstanceState; readonly fault?: string } | { readonly kind: 'due' };

/** Pure: what a machine is. `status` is QEMU's answer to `query-status`, undefined where it did not answer or was not asked. */
export function assessMachine(facts: MachineFacts, status: string | undefined): MachineStanding {
  if (facts.offForMs !== undefined) return machine('inactive');
  if (facts.runs) return assessRunning(status);
  if (facts.started === undefined || facts.started === 'earlier-boot') return { kind: 'due' };
  if (facts.fault !== undefined) return machine('failed', `The machine cannot be started: ${facts.fault}`);
  if (facts.hasPidFile) return machine('failed', 'The process of the machine was ended from outside of Fogbow, or its host ran out of memory.');
  // Its own system shut it down.
  return machine('inactive');
}

/** A QEMU that is too busy to answer runs all the same. */
function assessRunning(status: string | undefined): MachineStanding {
  switch (status) {
    case 'paused': return machine('suspended');
    case 'io-error': return machine('failed', 'The disk of the machine cannot be written: the file system of its host is full or broken.');
    case 'guest-panicked': case 'internal-error': return machine('failed', `The system of the machine has crashed (${status}).`);
    case 'prelaunch': case 'inmigrate': case 'shutdown': return machine('inactive');
    default: return machine('active');
  }
}

const machine = (state: InstanceState, fault?: string): MachineStanding => ({ kind: 'machine', state, ...(fault === undefined ? {} : { fault }) });
