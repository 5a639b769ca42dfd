import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { TunnelStatus } from './status-router.js';

/** Gauges that are read when somebody asks. */
export function addTunnelMetrics(registry: Registry, status: () => TunnelStatus): void {
  const gauge = (name: string, help: string, read: (now: TunnelStatus) => number): void =>
    void new Gauge({ name: `fogbow_tunnel_${name}`, help, registers: [registry], collect() { this.set(read(status())); } });
  gauge('grants', 'Grants of all Managers.', (now) => now.grants);
  gauge('sessions', 'Machines that are logged in.', (now) => now.sessions.length);
  gauge('ports_taken', 'Public ports that belong to a grant.', (now) => now.ports.taken);
  gauge('ports_free', 'Public ports that can be given.', (now) => now.ports.total - now.ports.taken - now.ports.resting);
  gauge('connections', 'Connections of users through the tunnel.', (now) => now.sessions.flatMap((session) => session.services).reduce((sum, service) => sum + service.connections, 0));
  gauge('events_waiting', 'Events for the Manager that wait for Redis.', (now) => now.eventsWaiting);
}
