import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import { isLeaving } from './nova-server.js';
import type { NovaServer } from './nova-server.js';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';

type NovaAction = 'os-start' | 'os-stop' | 'reboot' | 'suspend' | 'resume' | 'unpause';
type Step = NovaAction | 'stay' | 'wait' | 'conflict';

const POLL_MS = 200;

/**
 * Pure: the next step towards what an action wants (docs/contracts/compute-power.md). Nova stops nothing that is suspended, so that
 * is resumed first; while it is busy, and while a machine is on its way up, there is nothing to do but wait.
 */
export function nextPowerStep(action: PowerAction, server: Pick<NovaServer, 'status' | 'OS-EXT-STS:task_state'>): Step {
  const task = server['OS-EXT-STS:task_state'];
  switch (server.status) {
    case 'SUSPENDED': case 'PAUSED': {
      const wake = server.status === 'PAUSED' ? 'unpause' : 'resume';
      if (task) return action === 'restart' ? 'conflict' : 'wait';
      return action === 'suspend' ? 'stay' : action === 'restart' ? 'conflict' : wake;
    }
    case 'SHUTOFF':
      if (task) return 'wait';
      return action === 'start' ? 'os-start' : action === 'stop' ? 'stay' : 'conflict';
    case 'BUILD':
      return action === 'start' ? 'stay' : action === 'stop' ? 'wait' : 'conflict';
    case 'ACTIVE': case 'REBOOT': case 'HARD_REBOOT': case 'PASSWORD':
      if (action === 'start' && !task) return 'stay';
      if (task) return 'wait';
      return action === 'stop' ? 'os-stop' : action === 'restart' ? 'reboot' : 'suspend';
    default:
      return 'conflict';
  }
}

/** What brings a machine to where the action wants it: after these there is nothing more to do. */
const LAST: Readonly<Record<PowerAction, readonly Step[]>> = {
  start: ['os-start', 'resume', 'unpause', 'stay'], stop: ['os-stop', 'stay'], restart: ['reboot', 'stay'], suspend: ['suspend', 'stay'],
};

export function createNovaPower(http: OpenStackHttp): ComputePower {
  const look = async (id: string, call: CloudCall): Promise<NovaServer> => {
    const found = (await orAbsent(http.ask<{ server: NovaServer }>('compute', { method: 'GET', path: `/servers/${encodeURIComponent(id)}` }, call)))?.server;
    if (!found || isLeaving(found)) throw new FogbowError('not-found', `OpenStack has no machine ${id}.`);
    return found;
  };
  return {
    actions: POWER_ACTIONS,
    async perform(id, action, call) {
      for (;;) {
        const server = await look(id, call);
        const step = nextPowerStep(action, server);
        if (step === 'conflict') throw new FogbowError('conflict', `The machine is ${server.status} in OpenStack, which does not allow ${action}.`);
        const taken = step === 'stay' || step === 'wait' ? step : await act({ http, look }, { id, action, step }, call);
        if (taken !== 'wait' && LAST[action].includes(step)) return;
        await delay(POLL_MS, undefined, { signal: call.signal }).catch((cause: unknown) => {
          throw new FogbowError('cloud-unavailable', `OpenStack did not finish what the machine does (${server.status}) in time.`, { cause });
        });
      }
    },
  };
}

/**
 * Another call may have been faster: then Nova says conflict, or breaks with a 500 where it notices late, and the machine is not as it was at
 * the next look: busy, or already there. A restart is never asked for twice.
 */
async function act(
  { http, look }: { readonly http: OpenStackHttp; look(id: string, call: CloudCall): Promise<NovaServer> },
  { id, action, step }: { readonly id: string; readonly action: PowerAction; readonly step: NovaAction }, call: CloudCall,
): Promise<'done' | 'wait'> {
  const body = { [step]: step === 'reboot' ? { type: 'HARD' } : null };
  try {
    await http.ask('compute', { method: 'POST', path: `/servers/${encodeURIComponent(id)}/action`, body }, call);
    return 'done';
  } catch (error) {
    if (!(error instanceof FogbowError)) throw error;
    if (error.code === 'conflict') return 'wait';
    if (error.code !== 'cloud-unavailable' || step === 'reboot' || nextPowerStep(action, await look(id, call)) === step) throw error;
    return 'wait';
  }
}
