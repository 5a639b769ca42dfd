import type { TunnelEvent } from '@fogbow/queues';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { StoredGrant } from '../grants/stored-grant.js';

/** What every session of this tunnel shares. */
export interface SessionHost {
  readonly grants: { get(id: string): StoredGrant | undefined };
  readonly post: (event: TunnelEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address on which the public ports are opened. */
  readonly portsHost: string;
  readonly connectionsPerTunnel: number;
  /** Opens the ports of web services to the web port of this tunnel alone. */
  readonly doorKey: Buffer;
}
