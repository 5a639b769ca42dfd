import express from 'express';
import request from 'supertest';
import { createMetrics, healthRouter } from './health.js';
import type { HealthChecks } from './health.js';

const ready = async (checks: HealthChecks, troubles?: HealthChecks): Promise<unknown[]> => {
  const { status, body } = await request(express().use(healthRouter(checks, createMetrics('test'), troubles))).get('/health/ready');
  return [status, body];
};
const well = (): undefined => undefined;

test.each<[string, HealthChecks, HealthChecks | undefined, unknown]>([
  ['all is well', { database: well }, { redis: well }, [200, { status: 'ok', reasons: {} }]],
  ['one thing that is needed is away', { database: () => Promise.reject(new Error('refused')), disk: well }, undefined, [503, { status: 'failing', reasons: { database: 'refused' } }]],
  ['something is away that can be done without', { database: well }, { redis: () => 'it is away' }, [200, { status: 'ok', reasons: {}, troubles: { redis: 'it is away' } }]],
  ['both', { database: () => 'full' }, { redis: () => { throw new Error('no'); } }, [503, { status: 'failing', reasons: { database: 'full' }, troubles: { redis: 'no' } }]],
  ['an error without words', { database: () => Promise.reject(new Error('')) }, undefined, [503, { status: 'failing', reasons: { database: 'it failed without a word' } }]],
])('%s', async (_what, checks, troubles, answer) => expect(await ready(checks, troubles)).toEqual(answer));

test('a check that never ends is a reason, told in time', async () => {
  const begun = performance.now();
  expect(await ready({ database: () => new Promise<undefined>(() => undefined) })).toEqual([503, { status: 'failing', reasons: { database: 'no answer in 3 s' } }]);
  expect(performance.now() - begun).toBeGreaterThan(2900);
});
