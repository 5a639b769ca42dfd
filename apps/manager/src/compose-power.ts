import type { Benchmark, Probe } from '@fogbow/plugin-contracts';
import { deriveSshKey, systemClock } from '@fogbow/service-runtime';
import type { SshKey } from '@fogbow/service-runtime';
import type { ProbeAccess } from './access/machine-access.js';
import { createSizeOf } from './accounting/machine-size.js';
import type { SizeOf } from './accounting/machine-size.js';
import { createPowerOf } from './accounting/read-favours.js';
import type { PowerOf } from './accounting/read-favours.js';
import { readKey } from './check-configuration.js';
import type { Ground, Orders } from './compose-parts.js';
import type { OrderRecord } from './orders/order-record.js';
import { createPlugin } from './plugins.js';
import { createAwaitPower } from './power/await-power.js';
import type { AwaitPower } from './power/await-power.js';
import { createMeasureWorker } from './power/measure-worker.js';
import { createMeasurementStore } from './power/measurement-store.js';
import type { Incarnation } from './power/measurement-store.js';
import { createMeasurementMetrics } from './power/power-metrics.js';
import { probeBootstrap } from './power/probe-bootstrap.js';
import { planProbe } from './power/probe-times.js';
import { runProbe } from './power/run-probe.js';
import { readFlavors } from './read-flavors.js';

/** What machines are worth. Without a benchmark that measures there is `powerOf` alone. */
export interface Power {
  readonly powerOf: PowerOf;
  readonly probeAccess?: ProbeAccess;
  readonly awaitPower?: AwaitPower;
  readonly measure?: (signal: AbortSignal) => Promise<void>;
  /** So many measurements may be under way in this process. */
  readonly atOnce: number;
}

export function composePower(ground: Ground, orders: Orders): Power {
  const { values, self, log } = ground;
  const benchmark = createPlugin('benchmarking', values.raw, { memberId: self, log, now: systemClock.now });
  const sizeOf = createSizeOf(readFlavors(values.flavors).flavors);
  const powerOf = createPowerOf(sizeOf, benchmark);
  const { probe } = benchmark;
  if (!probe) return { powerOf, atOnce: 1 };
  return { powerOf, atOnce: probe.atOnce, ...measured(ground, orders, { benchmark, probe, sizeOf }) };
}

interface Measuring {
  readonly benchmark: Benchmark;
  readonly probe: Probe;
  readonly sizeOf: SizeOf;
}

function measured({ values, self, log, database, checkpoints, metrics }: Ground, { workerId, wakeUp, wakeLater }: Orders, { benchmark, probe, sizeOf }: Measuring): Pick<Power, 'probeAccess' | 'awaitPower' | 'measure'> {
  const { timeoutSeconds, atOnce, script } = probe;
  const { tryMs, leaseMs, patienceMs, forgetAfterSeconds } = planProbe(timeoutSeconds);
  const [secret, username] = [readKey(values.keyFile), values.sshUsername];
  // Of one life of one machine: nobody who learns it gets anywhere else by it.
  const keyOf = ({ orderId, incarnation }: Incarnation): SshKey => deriveSshKey(secret, `fogbow probe ${orderId}-${incarnation}`);
  const store = createMeasurementStore({ database, workerId, workerDeadAfterMs: values.workerDeadAfterMs, patienceMs, leaseMs, atOnce });
  const measuredPower = ({ spec }: OrderRecord, seconds: number): number | undefined => {
    const size = sizeOf({ provider: self, flavor: spec.flavor ?? null, requirements: spec.requirements ?? null });
    return size && benchmark.powerOf(size, seconds);
  };
  return {
    probeAccess: {
      expect: (order) => store.expect(incarnationOf(order)),
      part: (order) => ({ contentType: 'text/x-shellscript', content: probeBootstrap({ username, publicKey: keyOf(incarnationOf(order)).publicKey, script, timeoutSeconds, forgetAfterSeconds }) }),
    },
    awaitPower: createAwaitPower({ store, wakeUp, measuredPower }),
    measure: createMeasureWorker({
      store, tryMs, wakeUp, wakeLater, checkpoints, log, count: createMeasurementMetrics(metrics),
      probe: (machine, run) => runProbe({ ...run, mostSeconds: timeoutSeconds + SLACK_SECONDS, target: { ...machine.address, username, privateKey: keyOf(machine).privateKey } }),
    }),
  };
}

/** The machine looks at its clock a little before and after. */
const SLACK_SECONDS = 5;

const incarnationOf = ({ id, incarnation }: OrderRecord): Incarnation => ({ orderId: id, incarnation });
