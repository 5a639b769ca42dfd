import type { Socket } from 'node:net';
import { backoff } from '@fogbow/service-runtime';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { ChildWorker } from './child-worker.js';
import type { SessionWorker } from './contract.js';

/** All workers. A new connection goes to the one that has the fewest, and a worker that died is replaced. */
export interface WorkerPool {
  take: SessionWorker['take'];
  /** How many connections and sessions each has. */
  loads(): readonly { readonly pid: number; readonly connections: number }[];
  workers(): readonly SessionWorker[];
  /** The connection that a worker took has become a session, or a session has ended. */
  weigh(worker: SessionWorker, step: 1 | -1): void;
  stop(): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly size: number;
  start(number: number): Promise<ChildWorker>;
  /** The sessions of this one are over. */
  readonly onLost: (worker: SessionWorker) => void;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborts when the tunnel stops: workers hear of it too, and none is replaced any more. */
  readonly signal: AbortSignal;
}

interface Member { readonly child: ChildWorker; load: number }

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5000;
const HEALTHY_MS = 10_000;
const STOP_MS = 4000;

export async function startWorkerPool({ size, start, onLost, clock, log, signal }: WorkerPoolOptions): Promise<WorkerPool> {
  const members = new Set<Member>();
  const stopping = new AbortController();
  signal.addEventListener('abort', () => stopping.abort());
  const employ = async (number: number): Promise<Member> => {
    const member = { child: await start(number), load: 0 };
    members.add(member);
    return member;
  };
  /** Keeps a place filled until the pool stops. */
  const keep = async (number: number, first: Member): Promise<void> => {
    let [member, began, failures]: [Member | undefined, number, number] = [first, clock.uptime(), 0];
    while (!stopping.signal.aborted) {
      if (member) {
        const why = await member.child.ended;
        members.delete(member);
        onLost(member.child.worker);
        if (stopping.signal.aborted) return;
        log.error('a worker process has died, and its sessions with it', { number, why, sessions: member.load });
        failures = clock.uptime() - began > HEALTHY_MS ? 0 : failures + 1;
      }
      if (failures > 0) await clock.sleep(backoff(failures - 1, FIRST_RETRY_MS, LAST_RETRY_MS), stopping.signal);
      if (stopping.signal.aborted) return;
      began = clock.uptime();
      member = await employ(number).catch((error: unknown) => { failures += 1; log.error('a worker process cannot be started', { number, error }); return undefined; });
    }
  };
  const firsts = await Promise.all(Array.from({ length: size }, (_, number) => employ(number)));
  const keeping = firsts.map((member, number) => keep(number, member));
  const memberOf = (worker: SessionWorker): Member | undefined => [...members].find(({ child }) => child.worker === worker);
  return {
    async take(address: string, socket: Socket) {
      const [least] = [...members].sort((a, b) => a.load - b.load);
      if (!least) {
        socket.destroy();
        return 'no-login';
      }
      least.load += 1;
      return await least.child.worker.take(address, socket).finally(() => { least.load -= 1; });
    },
    loads: () => [...members].map(({ child, load }) => ({ pid: child.pid, connections: load })),
    workers: () => [...members].map(({ child }) => child.worker),
    weigh(worker, step) {
      const member = memberOf(worker);
      if (member) member.load += step;
    },
    async stop() {
      stopping.abort();
      const all = [...members];
      const stopped = Promise.all(all.map(({ child }) => child.worker.stop().catch(() => undefined)));
      const enough = new AbortController();
      await Promise.race([stopped.finally(() => enough.abort()), clock.sleep(STOP_MS, enough.signal)]);
      for (const { child } of all) child.kill();
      await Promise.all(keeping);
    },
  };
}
