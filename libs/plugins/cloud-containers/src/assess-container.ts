import type { InstanceState } from '@fogbow/plugin-contracts';
import type { ContainerDetails, ContainerFacts } from './engine-containers.js';
import { RUNNING_POLICY } from './machine-spec.js';

/** `unstarted`: made, and its maker has not come to start it · `gone`: being removed, which counts as not there. */
export type ContainerStanding = { readonly kind: 'machine'; readonly state: InstanceState; readonly fault?: string } | { readonly kind: 'unstarted' | 'gone' };

/** A container that ended so often without being told to will not come up by itself. */
const MOST_RESTARTS = 5;

/** An engine that shuts down shows for a while that it has ended its containers, and takes 15 s for it; it starts them again when it comes back. */
const GRACE_MS = 20_000;

/** Whether the list of containers says all that {@link assessContainer} needs of this one. */
export const tellsEnough = ({ status }: ContainerFacts): boolean => ['running', 'paused', 'removing', 'dead'].includes(status);

/**
 * Pure: what a container is as a machine. Its restart policy is the mark of what its user wants: while it shall run, a container that
 * stands still was ended behind our back, as by `docker kill`, or cannot be started any more.
 */
export function assessContainer({ status, details }: ContainerFacts): ContainerStanding {
  switch (status) {
    case 'running': return machine('active');
    case 'paused': return machine('suspended');
    case 'created': return details?.error ? machine('failed', `The container cannot be started: ${details.error}`) : { kind: 'unstarted' };
    case 'restarting': return (details?.restarts ?? 0) >= MOST_RESTARTS ? machine('failed', `The container ends again and again${endOf(details)}`) : machine('inactive');
    case 'exited': return assessExited(details);
    case 'removing': case 'dead': return { kind: 'gone' };
    default: return machine('inactive');
  }
}

function assessExited(details: ContainerDetails | undefined): ContainerStanding {
  if (details?.restartPolicy !== RUNNING_POLICY) return machine('inactive');
  if (!details.error && details.endedForMs !== undefined && details.endedForMs < GRACE_MS) return machine('inactive');
  return machine('failed', details.error ? `The container cannot be started: ${details.error}` : `The container was ended from outside of Fogbow${endOf(details)}`);
}

function endOf(details: ContainerDetails | undefined): string {
  if (!details) return '.';
  const memory = details.isOutOfMemory ? '; it ran out of memory' : '';
  return `; exit status ${details.exitCode}${memory}.`;
}

const machine = (state: InstanceState, fault?: string): ContainerStanding => ({ kind: 'machine', state, ...(fault === undefined ? {} : { fault }) });
