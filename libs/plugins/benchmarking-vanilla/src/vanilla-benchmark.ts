import type { Benchmark, PluginModule } from '@fogbow/plugin-contracts';

const VCPUS_OF_ONE = 8;
const MB_OF_ONE = 16 * 1024;

/** The power of a machine by its flavor alone: 8 vCPUs with 16 GB are one (spec §2.5, Vanilla). */
export const vanillaBenchmark: PluginModule<Benchmark> = {
  name: 'benchmarking-vanilla',
  settings: {},
  create: () => ({ powerOf: ({ vcpu, ramMb }) => (vcpu / VCPUS_OF_ONE + ramMb / MB_OF_ONE) / 2 }),
};
