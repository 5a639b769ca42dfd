import fc from 'fast-check';
import type { Benchmark } from '@fogbow/plugin-contracts';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type BenchmarkRuleId = 'B1' | 'B1-pure' | 'B1-larger';

const size = fc.record({ vcpu: fc.integer({ min: 1, max: 512 }), ramMb: fc.integer({ min: 1, max: 8_388_608 }), diskGb: fc.nat(100_000) });

const rules: readonly ConformanceRule<BenchmarkRuleId, Benchmark>[] = [{
  id: 'B1', says: 'the power of a machine is above zero and finite',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, (one) => {
    const power = benchmark.powerOf(one);
    expect(power).toBeGreaterThan(0);
    expect(Number.isFinite(power)).toBe(true);
  }))),
}, {
  id: 'B1-pure', says: 'the same size has the same power',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, (one) => expect(benchmark.powerOf({ ...one })).toBe(benchmark.powerOf(one))))),
}, {
  id: 'B1-larger', says: 'a machine that is larger in every way is not worth less',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, size, (one, more) => {
    const larger = { vcpu: one.vcpu + more.vcpu, ramMb: one.ramMb + more.ramMb, diskGb: one.diskGb + more.diskGb };
    expect(benchmark.powerOf(larger)).toBeGreaterThanOrEqual(benchmark.powerOf(one));
  }))),
}];

/** Holds a benchmark to docs/contracts/benchmark.md. */
export function benchmarkSuite(name: string, factory: () => Benchmark, skips: Skips<BenchmarkRuleId> = {}): void {
  describeRules(`${name} as a benchmark`, rules, (check) => check(factory()), skips);
}
