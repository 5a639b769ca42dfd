import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

/** How measurements end. `late`: the machine was not reached in time. */
export type MeasurementEnd = 'measured' | 'timed-out' | 'broken' | 'wrong-host-key' | 'late';
export type CountMeasurement = (end: MeasurementEnd) => void;

export function createMeasurementMetrics(registry: Registry): CountMeasurement {
  const measurements = new Counter({
    name: 'fogbow_power_measurements_total', help: 'Machines of this process by how their measurement ended; those that were not measured count by their size.', labelNames: ['outcome'], registers: [registry],
  });
  return (outcome) => measurements.inc({ outcome });
}
