import { FogbowError, POWER_ACTIONS, createKeyedTurns } from '@fogbow/plugin-contracts';
import type { ComputePower, PluginLog } from '@fogbow/plugin-contracts';
import type { Host } from './fleet.js';
import { MARK_OFF } from './host-scripts.js';
import { parseId } from './machine-record.js';
import { planPower } from './plan-power.js';
import type { PowerStep } from './plan-power.js';

/** Switches machines by their monitors. A machine that its user stopped is marked first, so nobody takes it for one that was killed. */
export function createHostsPower(hosts: readonly Host[], log: PluginLog): ComputePower {
  const turns = createKeyedTurns();
  return {
    actions: POWER_ACTIONS,
    perform: (id, action, { signal }) => turns(id, async () => {
      const host = hosts.find(({ spec }) => spec.name === parseId(id)?.host);
      const machine = await host?.machines.get(id, signal);
      if (!host || !machine) throw new FogbowError('not-found', `This cloud has no machine ${id}.`);
      const step = planPower(machine.state, action);
      if (step) await take(host, id, step, { signal, log });
    }),
  };
}

const COMMANDS = { reset: 'system_reset', halt: 'stop', 'go-on': 'cont' } as const;

async function take(host: Host, id: string, step: PowerStep, { signal, log }: { readonly signal: AbortSignal; readonly log: PluginLog }): Promise<void> {
  if (step === 'boot') return await host.machines.boot(id, signal);
  if (step === 'shut-down') return await shutDown(host, id, { signal, log });
  const answer = await host.monitor.talk(id, signal, (qemu) => qemu.tell({ execute: COMMANDS[step] }));
  if ('refusal' in answer) throw new FogbowError('conflict', `The machine refuses it: ${answer.refusal}`);
}

/** A halted system hears nothing; one that does not end in time is ended by the next look at the machines. */
async function shutDown({ shell, monitor }: Host, id: string, { signal, log }: { readonly signal: AbortSignal; readonly log: PluginLog }): Promise<void> {
  const said = await shell.outcome(MARK_OFF, [parseId(id)?.clientToken ?? '.none', id], signal);
  if (said === 'gone') throw new FogbowError('not-found', `This cloud has no machine ${id}.`);
  await monitor.talk(id, signal, (qemu) => qemu.tell({ execute: 'system_powerdown' })).catch((error: Error) => log.info('a machine did not hear that it shall shut down', { machine: id, reason: error.message }));
}
