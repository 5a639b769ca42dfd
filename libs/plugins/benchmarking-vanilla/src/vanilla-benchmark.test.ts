import { benchmarkSuite } from '@fogbow/plugin-conformance';
import { vanillaBenchmark } from './vanilla-benchmark.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const benchmark = vanillaBenchmark.create({}, host);

benchmarkSuite('benchmarking-vanilla', () => benchmark, { 'B2-probe': 'it measures nothing' });

it.each([[8, 16_384, 1], [4, 8192, 0.5], [1, 1024, 0.09375], [16, 16_384, 1.5]])('%d vCPUs with %d MB have the power %d', (vcpu, ramMb, power) => {
  expect(benchmark.powerOf({ vcpu, ramMb, diskGb: 10 })).toBe(power);
});
