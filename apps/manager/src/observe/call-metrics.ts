import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { asFogbowError } from '@fogbow/plugin-contracts';
import type { CloudOperation } from '../fulfilment/cloud-calls.js';

/** Runs a call to the cloud of that name. */
export type MeasureCall = <T>(cloud: string, operation: CloudOperation, work: () => Promise<T>) => Promise<T>;

/** How calls to the clouds end, and how long they take. */
export function createCallMetrics(registry: Registry): MeasureCall {
  const seconds = new Histogram({
    name: 'fogbow_cloud_call_seconds', help: 'Calls to the cloud of this process, by what was wanted and by their end: ok, or the code of the error.',
    labelNames: ['cloud', 'operation', 'outcome'], buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60], registers: [registry],
  });
  return async (cloud, operation, work) => {
    const end = seconds.startTimer();
    try {
      const result = await work();
      end({ cloud, operation, outcome: 'ok' });
      return result;
    } catch (error) {
      end({ cloud, operation, outcome: asFogbowError(error).code });
      throw error;
    }
  };
}
