import type { Benchmark, PluginModule } from '@fogbow/plugin-contracts';
import { powerOfSize } from '@fogbow/request-model';

/** The power of a machine by its flavor alone: spec §2.5, Vanilla. */
export const vanillaBenchmark: PluginModule<Benchmark> = {
  name: 'benchmarking-vanilla',
  settings: {},
  create: () => ({ powerOf: (size) => powerOfSize(size) }),
};
