import assert from 'node:assert/strict';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { login } from './world.js';
import type { World } from './world.js';

const ORDER = 'http://schemas.fogbowcloud.org/order#';

/** The old clients' way: OCCI text in headers. */
export function occi(world: World): Chapter {
  let path = '';
  return {
    name: 'OCCI',
    steps: [
      ['POST /order gives a location', async () => {
        const answer = await world.home.raw('POST', '/order', { headers: orderHeaders(world.alice.publicKey) });
        assert.equal(answer.status, 201, String(answer.data));
        const location = String(answer.headers['location']);
        assert.match(location, new RegExp(`^${world.a.managerUrl}/order/[0-9a-f-]{36}$`));
        path = location.slice(world.a.managerUrl.length);
      }],
      ['GET shows it fulfilled with its ssh address', async () => {
        const text = await awaitEvent('ORDER is fulfilled', async () => {
          const answer = await world.home.raw('GET', path, { headers: { Accept: 'text/plain' } });
          assert.equal(answer.status, 200);
          return String(answer.data).includes('order.state="fulfilled"') && String(answer.data);
        });
        const address = /ssh-public-address="([^:"]+):(\d+)"/.exec(text);
        assert(address, text);
        await login(world, { id: path, ssh: { host: String(address[1]), port: Number(address[2]), username: 'fogbow' } } as Parameters<typeof login>[1]);
      }],
      ['GET /order lists it', async () => {
        assert.match(String((await world.home.raw('GET', '/order')).data), new RegExp(`X-OCCI-Location: ${world.a.managerUrl}${path}$`, 'm'));
      }],
      ['DELETE removes it', async () => {
        const answer = await world.home.raw('DELETE', path);
        assert.deepEqual([answer.status, answer.data], [200, 'Ok']);
        await awaitEvent('it is not found', async () => (await world.home.raw('GET', path)).status === 404);
      }],
      ['what is not OCCI is refused', async () => {
        const { status } = await world.home.raw('POST', '/order', { headers: { 'Content-Type': 'text/occi', Category: 'nonsense' } });
        assert.equal(status, 400);
      }],
    ],
  };
}

function orderHeaders(publicKey: string): Record<string, string | string[]> {
  return {
    'Content-Type': 'text/occi', Accept: 'text/plain',
    Category: [
      `order; scheme="${ORDER}"; class="kind"`,
      'fogbow_small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"',
      'fogbow_public_key; scheme="http://schemas.fogbowcloud/credentials#"; class="mixin"',
    ],
    'X-OCCI-Attribute': [
      'org.fogbowcloud.order.instance-count=1', 'org.fogbowcloud.order.type="one-time"', 'org.fogbowcloud.order.resource-kind="compute"',
      `org.fogbowcloud.credentials.publickey.data="${publicKey}"`,
    ],
  };
}
