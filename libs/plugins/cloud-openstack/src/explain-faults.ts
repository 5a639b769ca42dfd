import type { CloudCall } from '@fogbow/plugin-contracts';
import { lacksReason } from './nova-server.js';
import type { NovaServer } from './nova-server.js';

/** Puts the reason to each server in ERROR that lacks one. */
export type ExplainFaults = (servers: readonly NovaServer[], call: CloudCall) => Promise<NovaServer[]>;

/** Of that many servers the reasons are remembered. */
const MOST = 1000;

/**
 * A list of Nova does not tell why a server failed that no host took: it looks for the reason in another cell than that of such servers. Asked for the
 * one server it does, so each is asked for by itself, until its reason is known.
 */
export function createExplainFaults(ask: (id: string, call: CloudCall) => Promise<NovaServer | undefined>): ExplainFaults {
  const known = new Map<string, NonNullable<NovaServer['fault']>>();
  const faultOf = async (server: NovaServer, call: CloudCall): Promise<NovaServer['fault']> => {
    const before = known.get(server.id);
    if (before) return before;
    // What cannot be told now is told another time; the list itself stands.
    const found = await ask(server.id, call).catch(() => undefined);
    if (!found?.fault || lacksReason(found)) return undefined;
    const [oldest] = known.keys();
    if (known.size >= MOST && oldest !== undefined) known.delete(oldest);
    known.set(server.id, found.fault);
    return found.fault;
  };
  return (servers, call) => Promise.all(servers.map(async (server) => {
    const fault = lacksReason(server) ? await faultOf(server, call) : undefined;
    return fault ? { ...server, fault } : server;
  }));
}
