import { setMaxListeners } from 'node:events';
import type { Duty, JobQueues } from '@fogbow/queues';
import { createLeases } from '../orders/claim-orders.js';
import { createWorkerLife } from '../orders/worker-life.js';
import type { WorkerLife } from '../orders/worker-life.js';
import { createQueuedLink } from '../peers/queued-link.js';
import { composeProcess } from './compose-process.js';
import type { ComposedProcess } from './compose-process.js';
import { createMemoryMemberStore, createMemoryServedBooks } from './memory-books.js';
import { createMemoryLeaseTable } from './memory-lease-table.js';
import { createMemoryOrderStore } from './memory-order-store.js';
import { createMemoryReleaseStore, purgeDeletedInMemory } from './memory-release-store.js';
import { createProcessHost } from './process-host.js';
import type { ProcessHost } from './process-host.js';
import { portOver } from './remote-calls.js';
import type { RemoteCalls } from './remote-calls.js';
import type { MemberParts } from './simulated-member.js';
import type { Timing } from './simulation-plan.js';

export interface SimulatedProcess {
  readonly host: ProcessHost;
  /** Its use cases; undefined until it has started. */
  serves(): ComposedProcess | undefined;
}

/** Starts process number `index` of a member over what the member's earlier processes left. */
export function startProcess(parts: MemberParts, index: number, crash: (host: ProcessHost) => void): SimulatedProcess {
  const { world: { time, random, plan, network }, id, tables, queues, cloud, rendezvous } = parts;
  const { timing } = plan;
  const host = createProcessHost(`${id}/${index}`, time, random.between(-2000, 2000));
  const workerId = random.uuid();
  const database: RemoteCalls = { host, after: time.after, fate: () => parts.databaseFate(), failure: databaseAway };
  const over = <Port extends object>(port: Port): Port => portOver(port, database);
  const holdsLink = index === 0;
  const own = queues.of(host);
  const link = holdsLink ? network.link(id, { timers: host.timers }) : createQueuedLink({ queues: own, timeoutMs: timing.xmppTimeout, now: host.clock.now });
  const life = createWorkerLife(host.clock, timing.workerDeadAfter, host.timers);
  const composed = composeProcess(parts.world.sabotage({
    self: id, host, timing, rendezvous, link, holdsLink, life, queues: own,
    store: over(createMemoryOrderStore(tables)), releases: over(createMemoryReleaseStore(tables)), served: over(createMemoryServedBooks(tables)), members: over(createMemoryMemberStore(tables)),
    leases: createLeases(over(createMemoryLeaseTable(tables, workerId, timing.workerDeadAfter))),
    cloud: cloud.of(host),
    ...over({ purge: async (orderId?: string) => purgeDeletedInMemory(tables, orderId) }),
    checkpoints: { reach: () => { if (!host.isDead() && random.chance(parts.world.faults().crashAtStep)) crash(host); } },
  }));
  let isUp = false;
  const report = over({ report: async () => void tables.workers.set(workerId, time.now()) }).report;
  void startReporting(host, timing, life, report).then(() => {
    isUp = true;
    const stopping = new AbortController();
    setMaxListeners(0, stopping.signal);
    queues.work(host, composed.handlers, stopping.signal);
    startPeriods(host, timing, own);
    void link.start();
    if (holdsLink) parts.mayConnect();
  });
  return { host, serves: () => (isUp && !host.isDead() ? composed : undefined) };
}

/** What the driver throws when the server has gone. */
const databaseAway = (): Error => Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' });

/** As orders/worker-registry.ts does; a process that cannot report begins again as its supervisor starts it anew. */
async function startReporting(host: ProcessHost, { workerDeadAfter }: Timing, life: WorkerLife, report: () => Promise<void>): Promise<void> {
  const tell = async (): Promise<void> => {
    const asked = host.clock.uptime();
    await report();
    life.reported(asked);
  };
  const again = (): void => void host.timers.after(workerDeadAfter / 3, () => {
    again();
    tell().catch(() => undefined);
  });
  for (;;) {
    try {
      await tell();
      return again();
    } catch {
      await host.clock.sleep(1000);
    }
  }
}

/** As start-duties.ts does. */
function startPeriods(host: ProcessHost, { periods }: Timing, queues: JobQueues): void {
  const begin = (duty: Duty): void => void queues.add(duty, {} as never).catch(() => host.timers.after(250, () => begin(duty)));
  const tick = (duty: Duty, periodMs: number): void => void host.timers.after(periodMs, () => {
    tick(duty, periodMs);
    queues.add(duty, {} as never, { dedupeId: `${duty}-period`, dedupeMs: Math.round(periodMs * 0.9) }).catch(() => undefined);
  });
  const duties: readonly [Duty, number][] = [
    ['place-orders', periods.scheduler], ['release-instances', periods.release], ['monitor-instances', periods.monitor], ['resend-pending', periods.resend],
    ['check-served-orders', periods.served], ['refresh-members', periods.announce],
  ];
  for (const [duty, periodMs] of duties) {
    begin(duty);
    tick(duty, periodMs);
  }
}
