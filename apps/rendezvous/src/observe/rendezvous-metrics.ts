import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { RendezvousWatch } from './rendezvous-watch.js';

/** Counters of this process, and the members alive, which are read when somebody asks. `alive` may fail; then the number is left out. */
export function createRendezvousMetrics(registry: Registry, alive: () => Promise<number>): RendezvousWatch {
  const registers = [registry];
  const announcements = new Counter({ name: 'fogbow_rendezvous_announcements_total', help: 'Announcements, by what became of them.', labelNames: ['outcome'], registers });
  const syncs = new Counter({ name: 'fogbow_rendezvous_syncs_total', help: 'Neighbours read or not, and questions of neighbours answered.', labelNames: ['outcome'], registers });
  const refusals = new Counter({ name: 'fogbow_rendezvous_refusals_total', help: 'What was refused.', labelNames: ['what'], registers });
  const dropped = new Counter({ name: 'fogbow_rendezvous_dropped_total', help: 'Members dropped for their silence.', registers });
  new Gauge({
    name: 'fogbow_members', help: 'Members that are alive.', registers,
    async collect() {
      await alive().then((count) => this.set(count), () => this.reset());
    },
  });
  return {
    announcement: (outcome) => announcements.inc({ outcome }),
    sync: (outcome) => syncs.inc({ outcome }),
    refusal: (what, times = 1) => refusals.inc({ what }, times),
    dropped: (members) => dropped.inc(members),
  };
}
