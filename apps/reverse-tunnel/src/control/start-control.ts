import type { TunnelEvent, TunnelPlace } from '@fogbow/queues';
import { systemClock } from '@fogbow/service-runtime';
import type { Logger, ServiceContext } from '@fogbow/service-runtime';
import { createAuditLog } from '../audit/audit-log.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { TunnelConfig } from '../read-settings.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import { startChildWorker } from '../workers/child-worker.js';
import type { ChildWorker } from '../workers/child-worker.js';
import type { ControlDesk, SessionWorker } from '../workers/contract.js';
import { openWorker } from '../workers/open-worker.js';
import { startWorkerPool } from '../workers/worker-pool.js';
import type { WorkerPool } from '../workers/worker-pool.js';
import { decideLogin } from './login-desk.js';
import { createPenalties, PENALTY_LIMITS } from './penalties.js';
import { createSessionDirectory } from './session-directory.js';
import type { DirectoryEntry, SessionDirectory } from './session-directory.js';
import { openSshDoor } from './ssh-door.js';
import { createStrangers } from './strangers.js';
import { createTakeovers } from './takeovers.js';

export interface ControlParts {
  readonly hostKeys: readonly string[];
  readonly grants: { get(id: string): StoredGrant | undefined };
  readonly hasEnded: (id: string) => boolean;
  readonly post: (event: TunnelEvent) => void;
  readonly onEntered: (grantId: string, began: number) => void;
  readonly poolNow: () => number;
  readonly where: () => TunnelPlace | undefined;
  readonly refuse: (reason: RefusalReason, times?: number) => void;
  readonly carried: (up: number, down: number) => void;
}

export interface Control {
  readonly directory: SessionDirectory;
  readonly pool: WorkerPool;
  strangers(): number;
  penalised(): number;
  /** Opens the SSH port, and returns it. */
  open(): Promise<number>;
  /** Closes the SSH port and leaves the sessions. */
  closeDoor(): Promise<void>;
}

/** Sessions, their workers, and who may come in. */
export async function startControl({ log, env, add, signal }: ServiceContext, config: TunnelConfig, parts: ControlParts): Promise<Control> {
  const audit = createAuditLog(config.auditFile, { clock: systemClock, log });
  add({ name: 'audit', stop: () => audit.stop() });
  const record = (entry: DirectoryEntry, gone?: { readonly up: number; readonly down: number }): void => {
    if (gone) audit.write({ kind: 'session', grant: entry.grantId, remote: entry.address, since: entry.since, until: systemClock.now().toISOString(), ...gone });
    pool?.weigh(entry.worker, gone ? -1 : 1);
  };
  const directory = createSessionDirectory({ ...parts, takeovers: createTakeovers(), record, clock: systemClock, log });
  const deskOf = (worker: () => SessionWorker): ControlDesk => deskFor(parts, directory, worker);
  let pool: WorkerPool | undefined;
  const start = config.workers === 0
    ? (): Promise<ChildWorker> => Promise.resolve(ownWorker(config, parts, deskOf, log))
    : (number: number): Promise<ChildWorker> => startChildWorker(number, env, (worker) => deskOf(() => worker), log);
  const started = pool = await startWorkerPool({ size: Math.max(1, config.workers), start, onLost: (worker) => directory.lost(worker), clock: systemClock, log, signal });
  add({ name: 'sessions', stop: () => started.stop() });
  const penalties = createPenalties(PENALTY_LIMITS, (address) => !config.login.penalties || config.login.exempt.check(address, address.includes(':') ? 'ipv6' : 'ipv4'));
  const strangers = createStrangers(config.login, penalties);
  let closeDoor = async (): Promise<void> => undefined;
  return {
    directory, pool, strangers: strangers.count, penalised: penalties.size,
    closeDoor: () => closeDoor(),
    async open() {
      const door = await openSshDoor({ ...config.ssh, strangers, penalties, isKnown: directory.isKnown, take: started.take, refuse: parts.refuse, clock: systemClock, log });
      closeDoor = door.close;
      add({ name: 'ssh port', stop: () => door.close() });
      return door.port;
    },
  };
}

function deskFor({ grants, hasEnded, refuse, carried }: ControlParts, directory: SessionDirectory, worker: () => SessionWorker): ControlDesk {
  return {
    login: (ask) => Promise.resolve(decideLogin({ grants, hasEnded }, ask)),
    enter: (entry) => directory.enter(worker(), entry),
    leave: (id, bytes) => Promise.resolve(directory.leave(id, bytes)),
    event: (id, event) => Promise.resolve(directory.event(id, event)),
    refused: (reason, times) => Promise.resolve(refuse(reason, times)),
    traffic: (up, down) => Promise.resolve(carried(up, down)),
  };
}

/** The sessions in this process: what a machine with one core needs. */
function ownWorker(config: TunnelConfig, { hostKeys }: ControlParts, deskOf: (worker: () => SessionWorker) => ControlDesk, log: Logger): ChildWorker {
  const own: { worker?: SessionWorker } = {};
  const open = openWorker(deskOf(() => own.worker as SessionWorker), config, { hostKeys, clock: systemClock, log });
  own.worker = { ...open.worker, stop: () => open.stop() };
  let end: (why: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => { end = resolve; });
  return { worker: own.worker, pid: 0, ended, kill: () => end('stopped') };
}
