import { limitTime } from '@fogbow/plugin-contracts';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { WakeLater, WakeUp } from '../orders/wake-up.js';
import { decideAfterProbe } from './decide-after-probe.js';
import type { ClaimedMeasurement, Incarnation, MeasurementStore } from './measurement-store.js';
import type { CountMeasurement } from './power-metrics.js';
import type { ProbeOutcome, ProbeRun } from './run-probe.js';

export interface MeasureOptions {
  readonly store: MeasurementStore;
  /** Goes to the machine with the key that this life of the order has. */
  readonly probe: (machine: ClaimedMeasurement, run: Pick<ProbeRun, 'keep' | 'signal'>) => Promise<ProbeOutcome>;
  /** The longest that one try takes. */
  readonly tryMs: number;
  readonly wakeUp: WakeUp;
  readonly wakeLater: WakeLater;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly count: CountMeasurement;
  readonly log: Logger;
}

/** Duty "measure power": one machine after the other, until none is due. What fails costs the machine its measurement and its order nothing. */
export function createMeasureWorker(options: MeasureOptions): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await endLate(options);
    await options.store.forget();
    while (!signal.aborted) {
      const machine = await options.store.claim();
      if (!machine) return;
      // Another worker may take the next one meanwhile.
      options.wakeUp('measure-power');
      await measureOne(options, machine, signal);
    }
  };
}

async function endLate({ store, wakeUp, count, log }: MeasureOptions): Promise<void> {
  const late = await store.endLate();
  for (const { fault, ...machine } of late) {
    count('late');
    log.warn('a machine counts by its size: it was not measured in time', { ...machine, ...(fault ? { reason: fault } : {}) });
  }
  if (late.length > 0) wakeUp('monitor-instances', { orderIds: late.map(({ orderId }) => orderId) });
}

async function measureOne(options: MeasureOptions, machine: ClaimedMeasurement, signal: AbortSignal): Promise<void> {
  const { store, log } = options;
  const { orderId, incarnation } = machine;
  let isKept = machine.seconds !== undefined;
  const keep = async (seconds: number): Promise<boolean> => {
    options.checkpoints.reach('on-measured');
    const isOurs = await store.keep(machine, seconds);
    isKept ||= isOurs;
    options.checkpoints.reach('after-measured');
    return isOurs;
  };
  const outcome = await options.probe(machine, { keep, signal: limitTime(signal, Math.max(1, Math.ceil(Math.min(options.tryMs, machine.leftMs)))) });
  const next = decideAfterProbe(outcome, { tries: machine.tries, isKept });
  if (next.kind === 'again') {
    if (await store.retry(machine, next.inMs, next.fault)) options.wakeLater('measure-power', next.inMs);
    return;
  }
  if (!await store.end(machine, next.fault)) return log.info('a machine was measured too late to count', { orderId, incarnation });
  tell(options, machine, outcome, next.fault);
  options.wakeUp('monitor-instances', { orderIds: [orderId] });
}

function tell({ count, log }: MeasureOptions, { orderId, incarnation }: Incarnation, outcome: ProbeOutcome, fault: string | undefined): void {
  if (fault !== undefined) {
    count(outcome.kind === 'failed' ? outcome.why : 'broken');
    return log.warn('a machine counts by its size: it could not be measured', { orderId, incarnation, reason: fault });
  }
  count('measured');
  log.info('a machine was measured', { orderId, incarnation, ...(outcome.kind === 'measured' ? { seconds: outcome.seconds } : {}) });
  if (outcome.kind === 'measured' && !outcome.isForgotten) log.warn('a machine does not say that it has forgotten the key of the measurement; it does so after its deadline', { orderId, incarnation });
}
