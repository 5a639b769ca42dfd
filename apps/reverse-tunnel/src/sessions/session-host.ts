import type { Clock, Logger } from '@fogbow/service-runtime';
import type { AuditRecord } from '../audit/audit-log.js';
import type { ControlDesk } from '../workers/contract.js';
import type { GrantLimits } from '../grants/stored-grant.js';
import type { RefusalReason } from './refusal-reason.js';

/** What every session of a process shares. */
export interface SessionHost {
  readonly desk: ControlDesk;
  /** Counts what was refused. */
  readonly refuse: (reason: RefusalReason) => void;
  /** Counts bytes from users to machines, and from machines to users. */
  readonly carried: (up: number, down: number) => void;
  readonly audit: (record: AuditRecord) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address on which the public ports are opened. */
  readonly portsHost: string;
  /** Of grants that say nothing else. */
  readonly limits: Required<GrantLimits>;
  /** Opens the ports of web services to the web port of this tunnel alone. */
  readonly doorKey: Buffer;
}
