import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { createApiClient } from '../api-client.js';
import type { ApiClient, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { createSshUser } from '../ssh.js';
import type { SshUser } from '../ssh.js';
import type { TestFederation } from '../start-federation.js';
import type { Chapter } from '../story.js';
import { kept, problem, remember, row } from './row.js';

const held = { Prefer: 'wait=60' };
/** Of the host's loopback: what cloud-local serves. */
const NETWORK = { cidr: '127.78.0.0/24' };
const GB = 2 ** 30;

type Say = (machine: string, command: string) => Promise<string>;

/** What the API promises, seen from inside real machines. */
export async function realResourcesChapter(federation: TestFederation): Promise<Chapter> {
  const alice = (): ApiClient => createApiClient(federation.member('a'));
  const user = await createSshUser(dirname(federation.data), 'resources');
  const say: Say = (machine, command) => runOn(alice(), user, kept.get(machine) ?? '', command);
  const machineOn = (name: string) => row(`${name} of two machines on it`, alice, {
    ask: 'POST /v1/computes', headers: held, body: { flavor: 'fogbow_small', publicKey: user.publicKey, networkOrderIds: ['{lan}'] }, status: 201, holds: { orders: [{ state: 'fulfilled' }] },
    keep: remember(name),
  });
  const attach = (to: string, device: string) => row(`the volume goes into the ${to}`, alice, {
    ask: 'POST /v1/attachments', headers: held, body: { attachment: { computeOrderId: `{${to}}`, volumeOrderId: '{disk}', device } }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('plugged'),
  });
  return {
    name: 'Seen from inside real machines', steps: [
      row('a network', alice, { ask: 'POST /v1/networks', headers: held, body: { network: NETWORK }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('lan') }),
      row('a range that the cloud cannot serve fails with the reason', alice, { ask: 'POST /v1/networks', headers: held, body: { network: { cidr: '192.0.2.0/24' }, requirements: 'Glue2CloudComputeManagerID == "{a}"' }, status: 201, holds: { orders: [{ state: 'failed' }] }, keep: remember('odd') }),
      row('it says which ranges it serves', alice, { ask: 'GET /v1/networks/{odd}', status: 200, holds: { failure: 'cloud-rejected' }, keep: ({ reason }: OrderView) => assert.match(reason ?? '', /within 127\.0\.0\.0\/8 only/) }),
      row('a volume', alice, { ask: 'POST /v1/volumes', headers: held, body: { sizeGb: 1 }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('disk') }),
      machineOn('first'), machineOn('second'),
      ['each machine reaches the other at its address on the network', () => reachEachOther(alice(), say)],
      attach('first', '/dev/vdc'),
      ['the first machine sees it at its size, and writes into it', async () => {
        assert.equal(await say('first', 'stat -c %s ~/dev/vdc; printf precious | dd of=dev/vdc bs=1 seek=4096 conv=notrunc status=none'), `${GB}\n`);
      }],
      row('it stays while it is there', alice, { ask: 'DELETE /v1/volumes/{disk}', ...problem(409, 'conflict') }),
      row('detached', alice, { ask: 'DELETE /v1/attachments/{plugged}', status: 204 }),
      ['the first machine sees it no more', async () => void await awaitEvent('the device is gone', async () => await say('first', 'ls dev') === '')],
      attach('second', 'vdq'),
      ['the second machine reads what the first one wrote', async () => assert.equal(await say('second', 'dd if=dev/vdq bs=1 skip=4096 count=8 status=none'), 'precious')],
      row('all go at once', alice, { ask: 'DELETE /v1/orders', status: 200 }),
    ],
  };
}

async function runOn(client: ApiClient, user: SshUser, orderId: string, command: string): Promise<string> {
  const order = await client.show(orderId);
  assert.ok(order?.ssh, `order ${orderId} shows no address`);
  const { status, stdout, stderr } = await user.run(order.ssh, command);
  assert.equal(status, 0, stderr);
  return stdout;
}

async function reachEachOther(client: ApiClient, say: Say): Promise<string> {
  const address = async (name: string): Promise<string> => {
    const { data } = await client.raw('GET', `/v1/computes/${kept.get(name)}`);
    return (data as OrderView & { addresses?: { address: string }[] }).addresses?.[0]?.address ?? '';
  };
  const [first, second] = [await address('first'), await address('second')];
  assert.ok(first.startsWith('127.78.0.') && second.startsWith('127.78.0.') && first !== second, `${first} ${second}`);
  // The SSH server of a machine listens on its address too (docs/contracts/network-cloud.md).
  for (const [from, to] of [['first', second], ['second', first]] as const) {
    assert.equal(await say(from, `timeout 5 bash -c 'exec 3<>/dev/tcp/${to}/2222 && head -c 7 <&3'`), 'SSH-2.0');
  }
  return `${first}, ${second}`;
}
