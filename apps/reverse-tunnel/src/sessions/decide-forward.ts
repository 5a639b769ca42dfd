import type { StoredGrant } from '../grants/stored-grant.js';

export type ForwardDecision = { readonly service: string; readonly isWeb?: true } | { readonly refused: string };

/**
 * May this session listen on this port? Only on a port of its own grant, and once. The bind address that the client
 * names does not matter: the tunnel decides where it listens. Port 0, "any port", is nobody's.
 */
export function decideForward(grant: StoredGrant | undefined, port: number, open: ReadonlySet<number>): ForwardDecision {
  if (!grant) return { refused: 'the grant has ended' };
  const service = grant.services.find((candidate) => candidate.port === port);
  if (!service) return { refused: 'the port does not belong to this grant' };
  return open.has(port) ? { refused: 'the port is forwarded already' } : { service: service.name, ...(service.kind === 'http' ? { isWeb: true } : {}) };
}
