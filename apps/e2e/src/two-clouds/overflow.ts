import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setQuota } from '@fogbow/embedded-servers';
import type { ContainerEngine, OpenStackSite } from '@fogbow/embedded-servers';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitGone, awaitOrder, awaitState, login } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import { openEyes } from '../openstack/nova-eyes.js';
import type { Chapter } from '../story.js';

export interface TwoClouds {
  readonly world: World;
  readonly site: OpenStackSite;
  readonly engine: ContainerEngine;
}

const PATIENCE_MS = 240_000;
const ROOM_AT_A = 2;

export function startUp({ world }: TwoClouds): Chapter {
  return {
    name: 'npm start -- --cloud-a cloud-openstack=member-a.yaml --cloud-b cloud-containers=member-b.yaml', isEssential: true,
    steps: [
      ['brings up two members on two kinds of cloud', async () => {
        await world.federation.start();
        return `A on ${world.a.cloud.plugin}, B on ${world.b.cloud.plugin}`;
      }],
      ['which know each other', () => awaitEvent('both list both', async () =>
        (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2)).then(() => undefined)],
    ],
  };
}

/** Five wanted, two in Nova's project: three are containers at B. */
export function overflow({ world, site, engine }: TwoClouds): Chapter {
  let [ids, here, there]: [readonly string[], readonly OrderView[], readonly OrderView[]] = [[], [], []];
  const eyes = openEyes(site);
  eyes.catch(() => undefined);
  const containers = async (): Promise<string[]> =>
    (await promisify(execFile)('docker', ['-H', `unix://${engine.socket}`, 'ps', '-q'], { timeout: 30_000, encoding: 'utf8' })).stdout.split('\n').filter(Boolean);
  return {
    name: 'Five machines from A, whose project in OpenStack has room for two',
    steps: [
      ['two are servers of Nova, three come from B', async () => {
        await setQuota((await eyes).admin, site.home, { instances: ROOM_AT_A });
        ids = await world.home.submit({ count: 5, flavor: 'fogbow_small', publicKey: world.alice.publicKey });
        const orders = await awaitState(world, ids, 'fulfilled', PATIENCE_MS);
        [here, there] = [orders.filter((one) => one.providingMember === world.a.id), orders.filter((one) => one.providingMember === world.b.id)];
        assert.deepEqual([here.length, there.length], [ROOM_AT_A, 3]);
        return orders.map(({ ssh, providingMember }) => `${providingMember} ${ssh?.host}:${ssh?.port}`).join(', ');
      }],
      ['Nova has the two, each with the floating address that its order shows', async () => {
        const servers = await (await eyes).servers();
        const addresses = servers.flatMap((server) => Object.values(server.addresses).flat().map(({ addr }) => addr));
        assert.equal(servers.length, ROOM_AT_A);
        for (const order of here) {
          const { host, port, username } = addressOf(order);
          assert.match(host, /^198\.51\.100\./);
          assert.deepEqual([port, username], [22, 'fogbow']);
          const { floatingips } = await (await eyes).admin.ask<{ floatingips: { floating_ip_address: string; fixed_ip_address: string }[] }>('network', 'GET', `/floatingips?project_id=${site.home.projectId}`);
          const floating = floatingips.find((one) => one.floating_ip_address === host);
          assert.ok(floating && addresses.includes(floating.fixed_ip_address), `Neutron leads ${host} to a server of Nova`);
        }
        return `${addresses.join(', ')}; nobody is behind them: the hypervisor is Nova's fake one`;
      }],
      ['the engine has the three, and ssh gets into each through the tunnel of B', async () => {
        assert.equal((await containers()).length, 3);
        const names = [];
        for (const order of there) names.push((await login(world, order, 'hostname; head -1 /etc/os-release')).stdout.trim().replace('\n', ' '));
        assert.equal(new Set(names).size, 3);
        return names.join(', ');
      }],
      ['the placement says why', async () => {
        const order = await awaitOrder(world, there[0]?.id ?? '', 'the order tells its placement', ({ placement }) => placement !== undefined);
        return JSON.stringify(order.placement);
      }],
      ['there is room at A again: the next order stays at home', async () => {
        await setQuota((await eyes).admin, site.home, { instances: ROOM_AT_A + 1 });
        const [id = ''] = await world.home.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey });
        const [order] = await awaitState(world, [id], 'fulfilled', PATIENCE_MS);
        assert.equal(order?.providingMember, world.a.id);
        ids = [...ids, id];
      }],
      ['deleted: no server, no floating address, no container is left', async () => {
        await world.home.removeAll();
        await awaitGone(world, ids);
        await awaitEvent('both clouds are empty', async () => {
          const { floatingips } = await (await eyes).admin.ask<{ floatingips: unknown[] }>('network', 'GET', `/floatingips?project_id=${site.home.projectId}`);
          const { servers, ports } = await (await eyes).count();
          return servers + ports + floatingips.length + (await containers()).length === 0;
        }, { timeoutMs: PATIENCE_MS });
        await setQuota((await eyes).admin, site.home, { instances: 100 });
      }],
    ],
  };
}
