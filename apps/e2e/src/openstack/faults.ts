import assert from 'node:assert/strict';
import { setQuota } from '@fogbow/embedded-servers';
import type { NewOrder, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { awaitFulfilled, awaitOrder, PATIENCE, reasonsOf } from './lab.js';
import type { Lab } from './lab.js';

const idOf = ({ instanceId = '' }: OrderView): string => instanceId.split('@')[0] ?? '';

/** What real clouds do at bad times, done to the real services. */
export function faults(lab: Lab): Chapter[] {
  const { home } = lab;
  const ordered = async (order: NewOrder): Promise<OrderView> => await awaitFulfilled(lab, (await home.submit({ flavor: 'small', ...order }))[0] ?? '');
  return [tokenEnds(lab, ordered), tokenRevoked(lab, ordered), deletedBehindOurBack(lab, ordered), quotaReached(lab, ordered), errorServer(lab), imageGone(lab, ordered), busyNova(lab, ordered), silentNova(lab, ordered)];
}

type Ordered = (order: NewOrder) => Promise<OrderView>;

function tokenEnds({ door, home, site, eyes }: Lab, ordered: Ordered): Chapter {
  return {
    name: 'A token ends while it is in use',
    steps: [['the next call is answered with 401, asks again with another token, and no order notices', async () => {
      const before = await ordered({});
      const [token, refusals] = [door.token(), door.unauthorized()];
      const ended = await fetch(`${site.authUrl}/auth/tokens`, { method: 'DELETE', headers: { 'X-Auth-Token': token, 'X-Subject-Token': token } });
      assert.equal(ended.status, 204);
      const next = await ordered({});
      assert.notEqual(door.token(), token);
      assert.ok(door.unauthorized() > refusals, 'Nova has refused the token that ended');
      assert.doesNotMatch(reasonsOf(next), /token|credentials/);
      assert.deepEqual([(await home.show(before.id))?.state, (await eyes.servers()).length], ['fulfilled', 2]);
      return `${door.unauthorized() - refusals} answers of Nova were 401`;
    }]],
  };
}

function tokenRevoked(lab: Lab, ordered: Ordered): Chapter {
  const { eyes: { admin }, site, home, eyes } = lab;
  return {
    name: 'The account is disabled for a while',
    steps: [['its orders wait and say why, its tokens are replaced, and nothing is lost', async () => {
      const before = await ordered({});
      const { users } = await admin.ask<{ users: { id: string }[] }>('identity', 'GET', `/users?name=${site.home.username}`);
      const user = `/users/${users[0]?.id ?? ''}`;
      // Keystone revokes every token of a user who is disabled.
      await admin.ask('identity', 'PATCH', user, { user: { enabled: false } });
      const [waiting = ''] = await home.submit({ flavor: 'small' });
      const { reason } = await awaitOrder(lab, waiting, 'the order says that the cloud refuses us', (order) => /did not accept|credentials/.test(reasonsOf(order)));
      assert.equal((await home.show(before.id))?.state, 'fulfilled');
      await admin.ask('identity', 'PATCH', user, { user: { enabled: true } });
      await awaitFulfilled(lab, waiting);
      assert.equal((await home.show(before.id))?.state, 'fulfilled');
      assert.equal((await eyes.servers()).length, 2);
      return reason;
    }]],
  };
}

function deletedBehindOurBack(lab: Lab, ordered: Ordered): Chapter {
  const { eyes: { admin }, eyes } = lab;
  const kill = (order: OrderView): Promise<unknown> => admin.ask('compute', 'DELETE', `/servers/${idOf(order)}`);
  return {
    name: 'A server is deleted behind our back',
    steps: [
      ['a one-time order is closed', async () => {
        const order = await ordered({ type: 'one-time' });
        await kill(order);
        const { reason } = await awaitOrder(lab, order.id, 'the order is closed', ({ state }) => state === 'closed');
        return reason;
      }],
      ['a persistent order gets another machine', async () => {
        const order = await ordered({ type: 'persistent' });
        await kill(order);
        const next = await awaitOrder(lab, order.id, 'the order has another machine', (seen) => seen.state === 'fulfilled' && seen.instanceId !== order.instanceId);
        assert.equal((await eyes.servers()).length, 1);
        return next.history?.find(({ event }) => event === 'lost-reopened')?.reason;
      }],
    ],
  };
}

function quotaReached(lab: Lab, ordered: Ordered): Chapter {
  const { eyes: { admin }, site, home } = lab;
  return {
    name: 'The quota is reached',
    steps: [['an order beyond it waits and says why, and is served when there is room', async () => {
      await ordered({});
      await setQuota(admin, site.home, { instances: 1 });
      try {
        const [waiting = ''] = await home.submit({ flavor: 'small' });
        const order = await awaitOrder(lab, waiting, 'the order says that there is no room', (seen) => seen.state === 'open' && /room|quota/i.test(`${reasonsOf(seen)} ${JSON.stringify(seen.placement)}`));
        await setQuota(admin, site.home, { instances: 100 });
        await awaitFulfilled(lab, waiting);
        return order.reason;
      } finally {
        await setQuota(admin, site.home, { instances: 100 });
      }
    }]],
  };
}

function errorServer(lab: Lab): Chapter {
  const { home, eyes } = lab;
  return {
    name: 'A server goes to ERROR',
    steps: [['the order fails with the words of Nova, and the server is removed', async () => {
      const [id = ''] = await home.submit({ flavor: 'huge', type: 'one-time' });
      const { reason } = await awaitOrder(lab, id, 'the order has failed', ({ state }) => state === 'failed');
      assert.match(reason ?? '', /No valid host/);
      await awaitEvent('the server is gone', async () => (await eyes.servers()).length === 0, PATIENCE);
      return reason;
    }]],
  };
}

function imageGone(lab: Lab, ordered: Ordered): Chapter {
  const { eyes: { admin }, home } = lab;
  return {
    name: 'An image is deleted in Glance after machines were made of it',
    steps: [['the next order says so, whatever was remembered of the list', async () => {
      const { id } = await admin.ask<{ id: string }>('image', 'POST', '/images', { name: 'short-lived', disk_format: 'raw', container_format: 'bare', visibility: 'public' });
      await admin.upload('image', `/images/${id}/file`, new Uint8Array(1024));
      await ordered({ image: 'short-lived' });
      await admin.ask('image', 'DELETE', `/images/${id}`);
      const [next = ''] = await home.submit({ flavor: 'small', image: 'short-lived' });
      // Failed: nobody else is there who could have it.
      const { reason } = await awaitOrder(lab, next, 'the order has failed and says that the image is gone', (order) => order.state === 'failed' && /image/i.test(order.reason ?? ''));
      return reason;
    }]],
  };
}

function busyNova(lab: Lab, ordered: Ordered): Chapter {
  const { door, home, eyes } = lab;
  return {
    name: 'Nova answers 503 for a while',
    steps: [['an order says so and waits, what runs stays, and then there is one machine', async () => {
      const before = await ordered({});
      door.refuse();
      try {
        const [waiting = ''] = await home.submit({ flavor: 'small' });
        const { reason } = await awaitOrder(lab, waiting, 'the order says that OpenStack is unavailable', (order) => /503|unavailable/i.test(reasonsOf(order)));
        assert.equal((await home.show(before.id))?.state, 'fulfilled');
        assert.ok(door.refused() > 0);
        door.open();
        await awaitFulfilled(lab, waiting);
        assert.equal((await home.show(before.id))?.instanceId, before.instanceId);
        assert.equal((await eyes.servers()).length, 2);
        return `${reason}; ${door.refused()} questions were refused`;
      } finally {
        door.open();
      }
    }]],
  };
}

function silentNova(lab: Lab, ordered: Ordered): Chapter {
  const { cloud, home, eyes } = lab;
  return {
    name: 'Nova is silent for a while',
    steps: [['machines are not taken for gone, and an order waits until it answers', async () => {
      const before = await ordered({});
      cloud.signal('nova-api', 'SIGSTOP');
      try {
        const [waiting = ''] = await home.submit({ flavor: 'small' });
        const { reason } = await awaitOrder(lab, waiting, 'the order says that OpenStack does not answer', (order) => /does not answer|no answer/i.test(reasonsOf(order)));
        assert.equal((await home.show(before.id))?.state, 'fulfilled');
        cloud.signal('nova-api', 'SIGCONT');
        await awaitFulfilled(lab, waiting);
        assert.equal((await home.show(before.id))?.instanceId, before.instanceId);
        assert.equal((await eyes.servers()).length, 2);
        return reason;
      } finally {
        cloud.signal('nova-api', 'SIGCONT');
      }
    }]],
  };
}
