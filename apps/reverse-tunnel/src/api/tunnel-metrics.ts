import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { REFUSALS } from '../sessions/refusal-reason.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import type { TunnelStatus } from './status-router.js';
import type { TunnelCounts } from './tunnel-counts.js';

/** Read when somebody asks; the workers tell what they count four times a second. */
export function addTunnelMetrics(registry: Registry, status: () => Promise<TunnelStatus>, counts: TunnelCounts): void {
  // All gauges of one question share one look at the workers.
  let look: Promise<TunnelStatus> | undefined;
  const shared = (): Promise<TunnelStatus> => {
    look ??= status().finally(() => setImmediate(() => { look = undefined; }));
    return look;
  };
  const gauge = (name: string, help: string, read: (now: TunnelStatus) => number): void =>
    void new Gauge({ name: `fogbow_tunnel_${name}`, help, registers: [registry], async collect() { this.set(read(await shared())); } });
  gauge('grants', 'Grants of all Managers.', (now) => now.grants);
  gauge('sessions', 'Machines that are logged in.', (now) => now.sessions.length);
  gauge('ports_taken', 'Public ports that belong to a grant.', (now) => now.ports.taken);
  gauge('ports_free', 'Public ports that can be given.', (now) => now.ports.total - now.ports.taken - now.ports.resting);
  gauge('connections', 'Connections of users through the tunnel.', (now) => now.sessions.flatMap((session) => session.services).reduce((sum, service) => sum + service.connections, 0));
  gauge('events_waiting', 'Events for the Manager that wait for Redis.', (now) => now.eventsWaiting);
  gauge('strangers', 'SSH connections that have not logged in.', (now) => now.strangers);
  gauge('penalised_addresses', 'Addresses that are remembered for what they did.', (now) => now.penalised);
  gauge('hosts_alive', 'Hosts of this tunnel that said within ten seconds that they are there.', (now) => now.hosts.filter((host) => host.isAlive).length);
  gauge('workers', 'Processes that carry sessions.', (now) => now.workers.length);
  counter(registry, 'bytes_total', 'Bytes carried: up is to machines, down is from them.', 'direction', () => Object.entries(counts.bytes()));
  const reasons = Object.keys(REFUSALS) as RefusalReason[];
  counter(registry, 'refusals_total', 'What was refused, by reason.', 'reason', () => reasons.map((reason) => [reason, counts.refusals.get(reason) ?? 0]));
}

function counter(registry: Registry, name: string, help: string, label: string, read: () => (readonly [string, number])[]): void {
  void new Counter({
    name: `fogbow_tunnel_${name}`, help, labelNames: [label], registers: [registry],
    collect() { this.reset(); for (const [value, count] of read()) this.inc({ [label]: value }, count); },
  });
}
