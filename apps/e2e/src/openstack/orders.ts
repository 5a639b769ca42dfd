import assert from 'node:assert/strict';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { awaitFulfilled, awaitOrder, PATIENCE } from './lab.js';
import type { Lab } from './lab.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpenstackStoryKeyOfTheOwner owner@story';

const idOf = ({ instanceId = '' }: { readonly instanceId?: string | undefined }): string => instanceId.split('@')[0] ?? '';

/** Orders through the Manager, and what they are in Nova, Neutron and Cinder. */
export function orders(lab: Lab): Chapter {
  const { home, eyes } = lab;
  let ids: string[] = [];
  return {
    name: 'Orders: what a member’s user asks for is there in OpenStack, and goes with the order',
    steps: [
      ['an order becomes a server of Nova, with the owner’s key in its user data', async () => {
        ids = await home.submit({ flavor: 'small', publicKey: KEY });
        const order = await awaitFulfilled(lab, ids[0] ?? '');
        const server = await eyes.server(idOf(order));
        assert.equal(server?.status, 'ACTIVE');
        assert.match(server.name, new RegExp(`^fogbow-[0-9a-f]{8}-${order.id}-\\d+$`));
        assert.equal(server.metadata['fogbow_token'], server.name);
        assert.ok(Buffer.from(server['OS-EXT-SRV-ATTR:user_data'] ?? '', 'base64').toString().includes(KEY.split(' ')[1] ?? '?'), 'the key is in the user data');
        return `${server.name} at ${Object.values(server.addresses).flat().map(({ addr }) => addr).join(', ')}`;
      }],
      ['with the order goes the server', async () => {
        const server = (await eyes.servers())[0];
        await home.remove(ids[0] ?? '');
        await awaitEvent('the server is gone', async () => (await eyes.servers()).length === 0, PATIENCE);
        return server?.name;
      }],
      ['five orders are five servers', async () => {
        const begun = performance.now();
        ids = await home.submit({ flavor: 'small', count: 5 });
        for (const id of ids) await awaitFulfilled(lab, id);
        const servers = await eyes.servers();
        assert.equal(servers.length, 5);
        assert.equal(new Set(servers.map(({ name }) => name)).size, 5);
        const took = (performance.now() - begun) / 1000;
        await home.removeAll();
        await awaitEvent('all servers are gone', async () => (await eyes.servers()).length === 0, PATIENCE);
        return `fulfilled in ${took.toFixed(1)} s`;
      }],
      ['a network with a router, a machine on it, a volume attached to it', async () => {
        const [network = ''] = await home.submit({ kind: 'network', network: { cidr: '10.44.0.0/24', gateway: '10.44.0.1' } });
        const [volume = ''] = await home.submit({ kind: 'storage', sizeGb: 2 });
        await Promise.all([awaitFulfilled(lab, network), awaitFulfilled(lab, volume)]);
        const [machine = ''] = await home.submit({ flavor: 'small', networkOrderIds: [network] });
        const order = await awaitFulfilled(lab, machine);
        const [attachment = ''] = await home.submit({ kind: 'attachment', attachment: { computeOrderId: machine, volumeOrderId: volume } });
        await awaitFulfilled(lab, attachment);
        const addresses = Object.values((await eyes.server(idOf(order)))?.addresses ?? {}).flat().map(({ addr }) => addr);
        assert.ok(addresses.some((one) => one.startsWith('10.44.0.')), `an address of the network is among ${addresses.join(', ')}`);
        assert.deepEqual(await eyes.count(), { servers: 1, ports: 1, volumes: 1, networks: 1, routers: 1 });
        return addresses.join(', ');
      }],
      ['what needs each other goes in its order, and leaves nothing', async () => {
        const all = await home.list();
        for (const kind of ['attachment', 'compute', 'storage', 'network']) {
          for (const { id } of all.filter((order) => order.kind === kind)) {
            await home.remove(id);
            await awaitEvent(`the ${kind} is gone`, async () => await home.show(id) === undefined, PATIENCE);
          }
        }
        assert.deepEqual(await eyes.count(), { servers: 0, ports: 0, volumes: 0, networks: 0, routers: 0 });
      }],
      ['an order that names an image that is not there says so', async () => {
        const [id = ''] = await home.submit({ flavor: 'small', image: 'no-such-image' });
        const { state, reason } = await awaitOrder(lab, id, 'the order says why it waits', (order) => /no image no-such-image/.test(order.reason ?? ''));
        await home.remove(id);
        return `${state}: ${reason}`;
      }],
    ],
  };
}
