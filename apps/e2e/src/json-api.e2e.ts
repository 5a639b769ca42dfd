/**
 * The JSON API of a live federation as a table: request → status, headers and what the body holds. The rows of a chapter need each other.
 * Exit status 0 only when all hold. Options: --port-base N (default 25400).
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createApiClient } from './api-client.js';
import type { ApiClient, OrderView } from './api-client.js';
import { runStory } from './run-story.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { Chapter, StoryEnd } from './story.js';
import { kept, problem, remember, row } from './json-api/row.js';
import { resourceChapter } from './json-api/resource-rows.js';
import { realResourcesChapter } from './json-api/real-resources.js';

function chapters(federation: TestFederation): Chapter[] {
  const alice = (): ApiClient => createApiClient(federation.member('a'));
  const stranger = (): ApiClient => createApiClient(federation.member('a'), 'nobody');
  const held = { Prefer: 'wait=60' };
  return [
    {
      name: 'Who is there, and what', steps: [
        row('needs a token', stranger, { ask: 'GET /v1/me', ...problem(401, 'unauthenticated') }),
        row('the caller', alice, { ask: 'GET /v1/me', status: 200, holds: { member: '{a}', quota: { used: { instances: 0 } } } }),
        row('both members', alice, { ask: 'GET /v1/members', status: 200, holds: { members: [{ id: '{a}', self: true, alive: true }] } }),
        row('our quota', alice, { ask: 'GET /v1/members/{a}/quota', status: 200, holds: { used: { instances: 0 }, usedByCaller: { instances: 0 } } }),
        row('another\'s quota', alice, { ask: 'GET /v1/members/{b}/quota', status: 200, holds: { usedByCaller: { instances: 0 } } }),
        row('sizes', alice, { ask: 'GET /v1/flavors', status: 200, holds: { flavors: [{ name: 'fogbow_small' }] } }),
        row('images', alice, { ask: 'GET /v1/images', status: 200, holds: {} }),
        row('accounting is for administrators', alice, { ask: 'GET /v1/accounting', ...problem(403, 'forbidden') }),
        row('a token that is good', stranger, { ask: 'POST /v1/tokens', body: { credentials: { token: '{token}' } }, status: 201, holds: { token: '{token}' } }),
        row('a token that is not', stranger, { ask: 'POST /v1/tokens', body: { credentials: { token: 'nothing' } }, ...problem(401, 'unauthenticated') }),
        row('the document', stranger, { ask: 'GET /openapi.json', status: 200, holds: { openapi: '3.1.0' } }),
        row('the page', stranger, { ask: 'GET /docs', status: 200, expect: { 'content-type': /^text\/html/ } }),
      ],
    },
    {
      name: 'Refusals', steps: [
        row('an unknown path', alice, { ask: 'GET /v1/moons', ...problem(404, 'not-found') }),
        row('a method that is not offered', alice, { ask: 'POST /v1/members', body: {}, ...problem(405, 'method-not-allowed'), expect: { allow: 'GET, HEAD' } }),
        row('an unknown flavor', alice, { ask: 'POST /v1/orders', body: { flavor: 'moon' }, ...problem(400, 'unsupported-attribute') }),
        row('requirements with a fault', alice, { ask: 'POST /v1/orders', body: { requirements: 'Glue2vCPU >' }, ...problem(400, 'invalid-requirements') }),
        row('a body that is not JSON', alice, { ask: 'POST /v1/orders', headers: { 'Content-Type': 'text/plain' }, body: {}, ...problem(415, 'unsupported-media-type') }),
        row('an unknown query parameter', alice, { ask: 'GET /v1/orders?surprise=1', ...problem(400, 'unsupported-attribute') }),
      ],
    },
    {
      name: 'An order from its plan to its end', steps: [
        row('a dry run: one fits at home, the next goes away', alice, {
          ask: 'POST /v1/orders?dryRun=true', body: { count: 3, flavor: 'fogbow_small' }, status: 200,
          holds: { orders: [{ decision: 'here', member: '{a}' }] },
          keep: ({ orders }: { orders: { decision: string }[] }) => assert.equal(orders.length, 3),
        }),
        row('nothing was ordered', alice, { ask: 'GET /v1/orders', status: 200, keep: ({ orders }: { orders: unknown[] }) => assert.deepEqual(orders, []) }),
        row('three machines, held until they can be used', alice, {
          ask: 'POST /v1/orders', headers: { ...held, 'Idempotency-Key': 'e2e-three' }, body: { count: 3, flavor: 'fogbow_small', title: 'three' }, status: 201,
          expect: { 'preference-applied': 'wait=60', location: '/v1/orders' }, holds: { orders: [{ state: 'fulfilled' }, { state: 'fulfilled' }, { state: 'fulfilled' }] }, keep: remember('id'),
        }),
        row('the same once more is the same', alice, { ask: 'POST /v1/orders', headers: { 'Idempotency-Key': 'e2e-three' }, body: { count: 3, flavor: 'fogbow_small', title: 'three' }, status: 201, holds: { ids: ['{id}', '{id1}', '{id2}'] } }),
        row('another under its key', alice, { ask: 'POST /v1/orders', headers: { 'Idempotency-Key': 'e2e-three' }, body: { count: 1 }, ...problem(409, 'conflict') }),
        row('what went to the other member', alice, {
          ask: 'GET /v1/orders?provider={b}&state=fulfilled&fields=providingMember,state', status: 200,
          keep: ({ orders }: { orders: OrderView[] }) => {
            assert.ok(orders.length > 0 && orders.every((one) => Object.keys(one).sort().join() === 'id,providingMember,state'), JSON.stringify(orders));
            kept.set('away', orders[0]?.id ?? '');
          },
        }),
        row('why it went there', alice, { ask: 'GET /v1/orders/{away}/explanation', status: 200, holds: { id: '{away}', placement: [{ member: '{a}' }, { member: '{b}' }] } }),
        row('one page after the other, oldest first', alice, { ask: 'GET /v1/orders?limit=2&sort=createdAt', status: 200, keep: ({ next }: { next: string }) => void kept.set('next', next) }),
        row('the last page', alice, { ask: 'GET /v1/orders?limit=2&sort=createdAt&cursor={next}', status: 200, keep: (page: { orders: unknown[]; next?: string }) => assert.deepEqual([page.orders.length, page.next], [1, undefined]) }),
        row('its machine', alice, { ask: 'GET /v1/computes/{away}', status: 200, holds: { orderId: '{away}', providingMember: '{b}' } }),
        row('with a tag', alice, { ask: 'GET /v1/orders/{away}', status: 200, expect: { etag: /^"/ }, holds: { history: [{ event: 'submitted' }] }, keep: (_: unknown, { etag = '' }) => void kept.set('etag', etag.slice(1, -1)) }),
        row('as the client has it', alice, { ask: 'GET /v1/orders/{away}', headers: { 'If-None-Match': '"{etag}"' }, status: 304 }),
        row('a deletion of what was not seen', alice, { ask: 'DELETE /v1/orders/{away}', headers: { 'If-Match': '"other"' }, ...problem(412, 'precondition-failed') }),
        row('a deletion of what was seen', alice, { ask: 'DELETE /v1/orders/{away}', headers: { 'If-Match': '"{etag}"' }, status: 204 }),
        row('what local users had of the other member', alice, { ask: 'GET /v1/members/{b}/usage', status: 200, keep: ({ computeUsage }: { computeUsage: number }) => assert.ok(computeUsage > 0) }),
        row('all the rest', alice, { ask: 'DELETE /v1/orders', status: 200 }),
      ],
    },
    {
      name: 'Machines by their own name', steps: [
        row('a one-time order', alice, { ask: 'POST /v1/computes', headers: held, body: { flavor: 'fogbow_small' }, status: 201, expect: { location: /^\/v1\/computes\// }, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('vm') }),
        row('with its size', alice, { ask: 'GET /v1/computes/{vm}', status: 200, holds: { id: '{vm}', type: 'one-time', instanceState: 'active', vcpu: 1 } }),
        row('in the list', alice, { ask: 'GET /v1/computes', status: 200, holds: { computes: [{ id: '{vm}' }] } }),
        row('it is no persistent order', alice, { ask: 'POST /v1/computes', body: { type: 'persistent' }, ...problem(400, 'unsupported-attribute') }),
        row('gone', alice, { ask: 'DELETE /v1/computes/{vm}', status: 204 }),
      ],
    },
    resourceChapter(alice),
  ];
}

const GONE_WITHIN_MS = 60_000;

async function nothingLeft(client: ApiClient): Promise<void> {
  await client.removeAll();
  const end = performance.now() + GONE_WITHIN_MS;
  while ((await client.list()).length > 0) {
    assert.ok(performance.now() < end, 'orders are left after a minute');
    await pause(200);
  }
}

/** Both on the same ports, one after the other: rules show over fake clouds at once, use only in real machines. */
async function tellOver(federation: TestFederation, chaptersOf: (federation: TestFederation) => Promise<Chapter[]> | Chapter[]): Promise<StoryEnd> {
  try {
    await federation.start();
    const [a, b] = [federation.member('a'), federation.member('b')];
    for (const [name, value] of Object.entries({ a: a.id, b: b.id, token: a.users[0]?.token ?? '' })) kept.set(name, value);
    return await tellStory(await chaptersOf(federation), () => nothingLeft(createApiClient(a)));
  } finally {
    await federation.dispose();
  }
}

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '25400' } } });
runStory({
  open(endings) {
    const [fake, real] = ['cloud-fake', 'cloud-local'].map((cloud) => createFederation({ portBase: Number(values['port-base']), args: ['--cloud-a', cloud, '--cloud-b', cloud] })) as [TestFederation, TestFederation];
    for (const federation of [fake, real]) endings.push(() => federation.dispose());
    return Promise.resolve({ fake, real });
  },
  async tell({ fake, real }) {
    const ends = [await tellOver(fake, chapters), await tellOver(real, async (federation) => [await realResourcesChapter(federation)])];
    const sum = (of: keyof StoryEnd): number => ends.reduce((total, end) => total + end[of], 0);
    process.stdout.write(`\n${sum('held')} rows held, ${sum('failed')} failed, ${sum('skipped')} not tried.\n`);
    return sum('failed') === 0 && ends.every(({ held }) => held > 0);
  },
});
