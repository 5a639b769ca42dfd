import type { Clock, Logger } from '@fogbow/service-runtime';
import { createAuditLog } from '../audit/audit-log.js';
import type { TunnelConfig } from '../read-settings.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import { doorKeyOf } from '../sessions/knock.js';
import { createSessionWorker } from '../sessions/session-worker.js';
import type { ControlDesk, SessionWorker } from './contract.js';

export interface OpenWorker {
  readonly worker: SessionWorker;
  stop(): Promise<void>;
}

const TELL_MS = 250;

/** A worker and what it counts, which the control hears a few times a second. */
export function openWorker(desk: ControlDesk, config: TunnelConfig, { hostKeys, clock, log }: { readonly hostKeys: readonly string[]; readonly clock: Clock; readonly log: Logger }): OpenWorker {
  const audit = createAuditLog(config.auditFile, { clock, log });
  const refusals = new Map<RefusalReason, number>();
  const bytes = { up: 0, down: 0 };
  const tell = (): void => {
    for (const [reason, times] of refusals) desk.refused(reason, times).catch(() => undefined);
    refusals.clear();
    if (bytes.up + bytes.down > 0) desk.traffic(bytes.up, bytes.down).catch(() => undefined);
    bytes.up = bytes.down = 0;
  };
  const telling = setInterval(tell, TELL_MS);
  const worker = createSessionWorker({
    hostKeys, keepaliveMs: config.ssh.keepaliveMs, graceMs: config.login.graceMs, secretTries: config.login.secretTries,
    host: {
      desk, clock, log, audit: (record) => audit.write(record), portsHost: config.ports.host, doorKey: doorKeyOf(hostKeys[0] ?? ''), limits: config.grantLimits,
      refuse: (reason) => void refusals.set(reason, (refusals.get(reason) ?? 0) + 1),
      carried(up, down) { bytes.up += up; bytes.down += down; },
    },
  });
  return {
    worker,
    async stop() {
      await worker.stop();
      clearInterval(telling);
      tell();
      await audit.stop();
    },
  };
}
