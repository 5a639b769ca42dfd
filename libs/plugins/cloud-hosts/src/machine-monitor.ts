import { isFogbowError, limitTime } from '@fogbow/plugin-contracts';
import type { PluginLog } from '@fogbow/plugin-contracts';
import type { HostRunner } from './host-runner.js';
import type { HostSpec } from './hosts-settings.js';
import { placesOf } from './qemu-command.js';
import { talkToQemu } from './qmp-client.js';
import type { QmpTalk } from './qmp-client.js';

/** The monitors of the machines of one host. */
export interface MachineMonitor {
  /** One talk with the QEMU of a machine that runs, of five seconds unless it says otherwise. */
  talk<Result>(id: string, signal: AbortSignal, talk: (qemu: QmpTalk) => Promise<Result>, timeoutMs?: number): Promise<Result>;
  /** What `query-status` says; undefined where QEMU does not answer in time. */
  status(id: string, signal: AbortSignal): Promise<string | undefined>;
}

export interface MachineMonitorOptions {
  readonly spec: Pick<HostSpec, 'directory'>;
  readonly runner: HostRunner;
  readonly log: PluginLog;
}

const TIMEOUT_MS = 5000;

export function createMachineMonitor({ spec: { directory }, runner, log }: MachineMonitorOptions): MachineMonitor {
  const talk: MachineMonitor['talk'] = async (id, signal, say, timeoutMs = TIMEOUT_MS) => {
    const inTime = limitTime(signal, timeoutMs);
    return await talkToQemu(await runner.connect(placesOf(directory, id).qmp, inTime), inTime, say);
  };
  return {
    talk,
    async status(id, signal) {
      try {
        const answer = await talk(id, signal, (qemu) => qemu.tell({ execute: 'query-status' }));
        return 'value' in answer ? (answer.value as { readonly status?: string }).status : undefined;
      } catch (error) {
        if (!isFogbowError(error)) throw error;
        log.warn('the monitor of a machine does not answer', { machine: id, reason: error.message });
        return undefined;
      }
    },
  };
}
