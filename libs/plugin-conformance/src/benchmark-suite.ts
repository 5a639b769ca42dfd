import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { Benchmark } from '@fogbow/plugin-contracts';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type BenchmarkRuleId = 'B1' | 'B1-pure' | 'B1-larger' | 'B2' | 'B2-quicker' | 'B2-probe';

const MOST_CHARACTERS = 16_384;
const MOST_SECONDS = 600;

const size = fc.record({ vcpu: fc.integer({ min: 1, max: 512 }), ramMb: fc.integer({ min: 1, max: 8_388_608 }), diskGb: fc.nat(100_000) });
const seconds = fc.double({ min: 0.01, max: MOST_SECONDS, noNaN: true });

const rules: readonly ConformanceRule<BenchmarkRuleId, Benchmark>[] = [{
  id: 'B1', says: 'the power of a machine is above zero and finite',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, (one) => isPower(benchmark.powerOf(one))))),
}, {
  id: 'B1-pure', says: 'the same size has the same power',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, (one) => expect(benchmark.powerOf({ ...one })).toBe(benchmark.powerOf(one))))),
}, {
  id: 'B1-larger', says: 'a machine that is larger in every way is not worth less',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, size, (one, more) => {
    const larger = { vcpu: one.vcpu + more.vcpu, ramMb: one.ramMb + more.ramMb, diskGb: one.diskGb + more.diskGb };
    expect(benchmark.powerOf(larger)).toBeGreaterThanOrEqual(benchmark.powerOf(one));
  }))),
}, {
  id: 'B2', says: 'a measured power is above zero and finite, and the same for the same time',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, seconds, (one, time) => {
    isPower(benchmark.powerOf(one, time));
    expect(benchmark.powerOf({ ...one }, time)).toBe(benchmark.powerOf(one, time));
  }))),
}, {
  id: 'B2-quicker', says: 'a machine that did the probe in less time is not worth less',
  check: (benchmark) => Promise.resolve(fc.assert(fc.property(size, seconds, seconds, (one, time, more) => {
    expect(benchmark.powerOf(one, time)).toBeGreaterThanOrEqual(benchmark.powerOf(one, time + more));
  }))),
}, {
  id: 'B2-probe', says: 'the probe is a program that a shell ends well in its time',
  check({ probe }) {
    if (!probe) throw new Error('There is no probe: skip this rule with the reason.');
    const { script, timeoutSeconds, atOnce } = probe;
    expect(script.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect([timeoutSeconds >= 1, timeoutSeconds <= MOST_SECONDS, Number.isInteger(atOnce), atOnce >= 1]).toEqual([true, true, true, true]);
    const { status, error } = spawnSync('sh', ['-c', script], { stdio: 'ignore', timeout: timeoutSeconds * 1000 });
    expect([status, error]).toEqual([0, undefined]);
    return Promise.resolve();
  },
}];

function isPower(power: number): void {
  expect(power).toBeGreaterThan(0);
  expect(Number.isFinite(power)).toBe(true);
}

/** Holds a benchmark to docs/contracts/benchmark.md. */
export function benchmarkSuite(name: string, factory: () => Benchmark, skips: Skips<BenchmarkRuleId> = {}): void {
  describeRules(`${name} as a benchmark`, rules, (check) => check(factory()), skips);
}
