import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { awaitOrder, awaitState, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ContainerWorld } from './container-world.js';

const CIDR = '10.77.5.0/29';

export function networksThere({ world, submitToB, docker }: ContainerWorld): Chapter {
  let [network, machines]: [string, OrderView[]] = ['', []];
  const requirements = (): string => `Glue2CloudComputeManagerID == "${world.b.id}"`;
  return {
    name: 'A private network at B',
    steps: [
      ['is a bridge with the range that was asked for', async () => {
        const [id] = await world.home.submit({ kind: 'network', network: { cidr: CIDR }, requirements: requirements() });
        network = String(id);
        await awaitOrder(world, network, 'the network is there', ({ state }) => state === 'fulfilled');
        return await docker('network', 'ls', '--filter', 'label=org.fogbow.member', '--format', '{{.Name}} {{.Driver}}');
      }],
      ['two machines on it reach each other', async () => {
        const ids = [await submitToB({ networkOrderIds: [network] }), await submitToB({ networkOrderIds: [network] })];
        machines = await awaitState(world, ids, 'fulfilled');
        const addresses = await Promise.all(machines.map(async (order) => (await login(world, order, "ip -4 -o addr | grep -o '10\\.77\\.5\\.[0-9]*' | head -1")).stdout.trim()));
        assert.deepEqual([...addresses].sort(), ['10.77.5.1', '10.77.5.2']);
        for (const [index, order] of machines.entries()) {
          const { stdout } = await login(world, order, `bash -c 'exec 3<>/dev/tcp/${addresses[1 - index]}/22; head -1 <&3'`);
          assert.match(stdout, /^SSH-2\.0-OpenSSH/);
        }
        return addresses.join(' and ');
      }],
      ['a range that the operator keeps is refused with a reason', async () => {
        const [id] = await world.home.submit({ kind: 'network', network: { cidr: '192.168.7.0/24' }, requirements: requirements() });
        const seen = await awaitReason(world, String(id), /10\.77\.0\.0\/16/);
        await world.home.remove(String(id));
        return seen;
      }],
    ],
  };
}

/** Wherever an order tells it. */
async function awaitReason(world: ContainerWorld['world'], id: string, reason: RegExp): Promise<string> {
  const order = await awaitOrder(world, id, 'it says why', (seen) => reason.test(JSON.stringify([seen.reason, seen.placement])));
  return `${order.state}: ${order.placement?.find(({ member }) => member === world.b.id)?.verdict ?? order.reason}`;
}
