import type { CloudCall } from '@fogbow/plugin-contracts';
import { isUnexplained, lacksReason } from './nova-server.js';
import type { NovaServer } from './nova-server.js';

/** Puts the reason to each server in ERROR that lacks one. */
export type ExplainFaults = (servers: readonly NovaServer[], call: CloudCall) => Promise<NovaServer[]>;

/** Of that many servers the reasons are remembered. */
const MOST = 1000;

/** So many are asked for at a time: what is left comes with the next lists. */
const AT_A_TIME = 10;
/** Nova that had no reason half a minute after the fault hardly gets one. */
const PAUSE_MS = 60_000;

export interface ExplainOptions {
  ask(id: string, call: CloudCall): Promise<NovaServer | undefined>;
  now(): Date;
}

/**
 * A list of Nova does not tell why a server failed that no host took: it looks for the reason in another cell than that of such servers. Asked for the
 * one server it does, so each is asked for by itself, until its reason is known.
 */
export function createExplainFaults({ ask, now }: ExplainOptions): ExplainFaults {
  const known = new Map<string, NonNullable<NovaServer['fault']>>();
  const pausedUntil = new Map<string, number>();
  const faultOf = async (server: NovaServer, call: CloudCall): Promise<NovaServer['fault']> => {
    // What cannot be told now is told another time; the list itself stands.
    const found = await ask(server.id, call).catch(() => undefined);
    if (found?.fault && !lacksReason(found)) return remember(known, server.id, found.fault);
    if (!isUnexplained(server, now())) remember(pausedUntil, server.id, now().getTime() + PAUSE_MS);
    return undefined;
  };
  return async (servers, call) => {
    const asked = servers.filter((server) => lacksReason(server) && !known.has(server.id) && (pausedUntil.get(server.id) ?? 0) <= now().getTime()).slice(0, AT_A_TIME);
    await Promise.all(asked.map((server) => faultOf(server, call)));
    return servers.map((server) => {
      const fault = lacksReason(server) ? known.get(server.id) : undefined;
      return fault ? { ...server, fault } : server;
    });
  };
}

function remember<Value>(all: Map<string, Value>, id: string, value: Value): Value {
  const [oldest] = all.keys();
  if (all.size >= MOST && oldest !== undefined) all.delete(oldest);
  all.set(id, value);
  return value;
}
