import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from './refusal-reason.js';

export type ForwardDecision = { readonly service: string; readonly isWeb?: true } | { readonly refused: RefusalReason };

/** What clients write when they mean every address of the tunnel, or any; on which it listens the tunnel alone decides. */
const ANY_ADDRESS = new Set(['', '*', '0.0.0.0', '::', '127.0.0.1', '::1', 'localhost']);

/**
 * May this session listen on this port? Only on a port of its own grant, and once. A machine that names an address or a host believes that it
 * can choose one, and is told that it cannot. Port 0, "any port", is nobody's.
 */
export function decideForward(grant: StoredGrant, { bindAddr, bindPort }: { readonly bindAddr: string; readonly bindPort: number }, open: ReadonlySet<number>): ForwardDecision {
  if (!ANY_ADDRESS.has(bindAddr)) return { refused: 'bind-address' };
  const service = grant.services.find((candidate) => candidate.port === bindPort);
  if (!service) return { refused: 'foreign-port' };
  return open.has(bindPort) ? { refused: 'port-in-use' } : { service: service.name, ...(service.kind === 'http' ? { isWeb: true } : {}) };
}
