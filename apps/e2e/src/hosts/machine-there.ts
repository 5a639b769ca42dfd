import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, isRunning } from '../machines.js';
import { addressOf, awaitGone, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import { BOOT_MS } from './hosts-world.js';
import type { HostsWorld } from './hosts-world.js';

export function startWithHosts({ world }: HostsWorld): Chapter {
  return {
    name: 'npm start -- --cloud-b cloud-hosts=FILE', isEssential: true,
    steps: [
      ['brings up two members', async () => {
        await world.federation.start();
        assert.equal(world.b.cloud.plugin, 'cloud-hosts');
        assert.deepEqual(world.federation.file().processes.filter(({ pid }) => !isRunning(pid)), []);
      }],
      ['which know each other', () => awaitEvent('both list both', async () =>
        (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2)).then(() => undefined)],
      ['B shows the image that its hosts have and the one that they will be given, and not the one that they lack', async () => {
        const { data } = await world.away.raw('GET', '/v1/images');
        assert.deepEqual((data as { images: { name: string }[] }).images.map(({ name }) => name), ['debian', 'published']);
      }],
    ],
  };
}

const USER_DATA = [
  { contentType: 'text/cloud-config', content: '#cloud-config\nwrite_files: [{ path: /etc/told, content: "by a file\\n" }]\nruncmd: [[sh, -c, "echo by a command >>/etc/told"]]\n' },
  { contentType: 'text/x-shellscript', content: '#!/bin/bash\necho once >>/etc/boots\n' },
];

/** One machine from the order at A to the end, which lives through all that a machine meets. */
export function machineThere(given: HostsWorld): Chapter {
  const { world, machineOf } = given;
  let [order, pid]: [OrderView | undefined, number | undefined] = [undefined, undefined];
  const there = (): OrderView => { assert(order); return order; };
  const act = async (action: string): Promise<void> => {
    const { status, data } = await world.home.raw('POST', `/v1/computes/${there().id}/actions`, { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ action }) });
    assert(status < 300, `${action}: ${status} ${JSON.stringify(data)}`);
  };
  const again = async (command: string): Promise<string> => (await awaitEvent('ssh', async () => {
    const outcome = await world.alice.run(addressOf(there()), command);
    return outcome.status === 0 && outcome;
  }, { timeoutMs: BOOT_MS, everyMs: 1000 })).stdout;
  return {
    name: 'A machine from A, on a host of B',
    steps: [
      ['the order at A becomes a machine of QEMU, which boots and dials the tunnel of B', async () => {
        order = await given.atB({ userData: USER_DATA });
        pid = machineOf(order).pid();
        assert(pid, 'no QEMU runs');
        return `${order.instanceId}; ${/\[init\] up after .*/.exec(readFileSync(join(machineOf(order).folder, 'serial.log'), 'utf8'))?.[0] ?? 'not yet at the end of its boot'}`;
      }],
      ['it is on the host with the most free memory', () => Promise.resolve(assert.equal(machineOf(there()).host, 'here'))],
      ['ssh through the tunnel, with exit status and both streams', async () => {
        const { status, stdout, stderr } = await world.alice.run(addressOf(there()), 'hostname; uname -r; echo err >&2; exit 7');
        assert.deepEqual([status, stderr], [7, 'err\n']);
        assert.match(stdout, /^fogbow-/);
        return stdout.trim().replace('\n', ', Linux ');
      }],
      ['a wrong key is refused', async () => assert.equal((await world.stranger.run(addressOf(there()), 'true')).status, 255)],
      ['the real cloud-init has run all parts of the user data', async () => {
        const { stdout } = await awaitEvent('all of them', async () => {
          const outcome = await login(world, there(), 'cat /etc/told /etc/boots; sudo cloud-init --version 2>&1');
          return outcome.stdout.includes('by a command') && outcome.stdout.includes('once') && outcome;
        }, { timeoutMs: 60_000, everyMs: 1000 });
        assert.match(stdout, /^by a file\nby a command\nonce\n/);
        return stdout.trim().split('\n').at(-1);
      }],
      ['a Manager of B that is killed finds the same process again', async () => {
        process.kill(world.federation.process('manager-b').pid, 'SIGKILL');
        await awaitEvent('the Manager of B is back', async () => (await world.away.raw('GET', '/v1/images')).status === 200);
        assert.equal(machineOf(there()).pid(), pid);
        await login(world, there());
        assert.equal((await world.home.show(there().id))?.state, 'fulfilled');
      }],
      ['stop shuts the system down in order, and start boots it with its disk; no user data run twice', async () => {
        await login(world, there(), 'echo kept >kept; sync');
        await act('stop');
        await awaitEvent('no QEMU runs', () => machineOf(there()).pid() === undefined, { timeoutMs: 90_000 });
        assert.match(readFileSync(join(machineOf(there()).folder, 'serial.log'), 'utf8'), /\[init\] the system shuts down/);
        await act('start');
        assert.equal(await again('cat kept /etc/boots'), 'kept\nonce\n');
        assert.equal((await world.home.show(there().id))?.instanceId, there().instanceId);
      }],
      ['deleting leaves no process and no file, and closes the public port', async () => {
        const address = addressOf(there());
        await world.home.remove(there().id);
        await awaitGone(world, [there().id]);
        await given.noMachines();
        await awaitEvent('its public port is closed', async () => !(await isPortOpen(address)));
      }],
    ],
  };
}
