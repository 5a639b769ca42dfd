import { Router } from 'express';
import type { TunnelEndpoint } from '@fogbow/queues';
import type { HostStatus } from '../hosts/host-register.js';
import type { PortCounts } from '../ports/port-table.js';
import type { ServiceStatus } from '../sessions/session-services.js';

/** What the tunnel is doing. No secrets and no hashes; the ids of grants are user names, so keep this port private. */
export interface TunnelStatus {
  readonly endpoint: TunnelEndpoint;
  /** All hosts of this tunnel, this one included. */
  readonly hosts: readonly HostStatus[];
  readonly grants: number;
  readonly ports: PortCounts;
  readonly strangers: number;
  /** Addresses that are remembered for failed logins. */
  readonly penalised: number;
  readonly workers: readonly { readonly pid: number; readonly connections: number }[];
  readonly eventsWaiting: number;
  readonly sessions: readonly { readonly grantId: string; readonly since: string; readonly remoteAddress: string; readonly services: readonly ServiceStatus[]; readonly up: number; readonly down: number }[];
}

const PAGE = 100;
const MAX_PAGE = 1000;

/** GET /v1/status?offset=&limit= : counts, and one page of the sessions in the order of their grants' ids. */
export function statusRouter(status: () => Promise<TunnelStatus>): Router {
  const router = Router();
  router.get('/v1/status', async (request, response) => {
    const { sessions, ...counts } = await status();
    const offset = whole(request.query['offset'], 0);
    const limit = Math.min(whole(request.query['limit'], PAGE), MAX_PAGE);
    const sorted = [...sessions].sort((a, b) => (a.grantId < b.grantId ? -1 : 1));
    response.json({ ...counts, sessionCount: sessions.length, offset, sessions: sorted.slice(offset, offset + limit) });
  });
  return router;
}

const whole = (raw: unknown, otherwise: number): number => (typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : otherwise);
