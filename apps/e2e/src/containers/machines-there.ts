import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, isRunning } from '../machines.js';
import { addressOf, awaitGone, awaitState, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ContainerWorld } from './container-world.js';

export function startWithEngine({ world }: ContainerWorld): Chapter {
  return {
    name: 'npm start -- --cloud-b cloud-containers=FILE', isEssential: true,
    steps: [
      ['brings up two members', async () => {
        await world.federation.start();
        assert.equal(world.b.cloud.plugin, 'cloud-containers');
        assert.deepEqual(world.federation.file().processes.filter(({ pid }) => !isRunning(pid)), []);
      }],
      ['which know each other', () => awaitEvent('both list both', async () =>
        (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2)).then(() => undefined)],
      ['B shows the image that its engine has, and not the one that it lacks', async () => {
        const { data } = await world.away.raw('GET', '/v1/images');
        assert.deepEqual((data as { images: { name: string }[] }).images.map(({ name }) => name), ['fogbow-machine']);
      }],
    ],
  };
}

/** Three wanted, room for two at home: the third is a container at B. */
export function machinesThere(given: ContainerWorld): Chapter {
  const { world, docker, containersOf } = given;
  let [orders, away]: [OrderView[], OrderView | undefined] = [[], undefined];
  const abroad = (): OrderView => { assert(away); return away; };
  return {
    name: 'Three machines from A, of which B gives one',
    steps: [
      ['the order at A overflows to the engine of B', async () => {
        const userData = [
          { contentType: 'text/cloud-config', content: '#cloud-config\nwrite_files: [{ path: /etc/told, content: "by a file\\n" }]\nruncmd: [[sh, -c, "echo by a command >>/etc/told"]]\n' },
          { contentType: 'text/x-shellscript', content: '#!/bin/bash\necho "by a script of process $$" >/etc/script; echo once >>/etc/boots\n' },
        ];
        orders = await awaitState(world, await world.home.submit({ count: 3, flavor: 'fogbow_small', publicKey: world.alice.publicKey, userData }), 'fulfilled');
        away = orders.find(({ providingMember }) => providingMember === world.b.id);
        assert.deepEqual(orders.map(({ providingMember }) => providingMember).sort(), [world.a.id, world.a.id, world.b.id]);
      }],
      ['the engine has one container, and its labels say whose it is', async () => {
        const [id, ...more] = await containersOf(abroad());
        assert(id && more.length === 0);
        assert.equal(abroad().instanceId, `${id}@${world.b.id}`);
        return await docker('inspect', '-f', '{{.Name}} of {{index .Config.Labels "org.fogbow.member"}}', id);
      }],
      ['ssh through the tunnel of B, with exit status and both streams', async () => {
        const outcome = await world.alice.run(addressOf(abroad()), 'hostname; echo err >&2; exit 7');
        assert.deepEqual([outcome.status, outcome.stderr], [7, 'err\n']);
        assert.match(outcome.stdout, /^fogbow-/);
        for (const order of orders) await login(world, order);
      }],
      ['a terminal, and scp', async () => {
        const { status, stdout } = await world.alice.interact(addressOf(abroad()), 'tty\nexit 5\n');
        assert.equal(status, 5);
        assert.match(stdout, /\/dev\/pts\/\d/);
        const copied = await world.alice.copy(addressOf(abroad()), world.alice.keyFile, `${addressOf(abroad()).username}@${addressOf(abroad()).host}:copy`);
        assert.equal(copied.status, 0, copied.stderr);
      }],
      ['a wrong key is refused', async () => assert.equal((await world.stranger.run(addressOf(abroad()), 'true')).status, 255)],
      ['the user data have run', async () => {
        const { stdout } = await awaitEvent('all of them', async () => {
          const outcome = await login(world, abroad(), 'cat /etc/told /etc/script');
          return outcome.stdout.includes('by a command') && outcome;
        }, { timeoutMs: 10_000 });
        assert.match(stdout, /^by a file\nby a command\nby a script of process \d+\n$/);
      }],
      ['no process of the machine sees the secrets of its boot', async () => {
        const { stdout } = await world.alice.run(addressOf(abroad()), 'cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n" | grep -c FOGBOW_BOOT; cat /var/lib/fogbow/tunnel-secret /var/lib/cloud/instance/boot 2>&1 | grep -c denied');
        assert.equal(stdout, '0\n2\n');
        const [id = ''] = await containersOf(abroad());
        assert.equal(await docker('exec', id, 'sh', '-c', 'tr "\\0" "\\n" </proc/1/environ | grep -c FOGBOW_BOOT || :'), '0');
      }],
      ['process 1 is the SSH server and collects orphans', async () => {
        const { stdout } = await login(world, abroad(), '(setsid sh -c "sleep 0.2" &); sleep 1; cat /proc/1/comm; ps -eo stat= | grep -c Z || :');
        assert.equal(stdout, 'sshd\n0\n');
      }],
      ['an engine that restarts brings the machine back, with its disk and its tunnel, and runs no user data twice', async () => {
        await login(world, abroad(), 'echo kept >kept');
        await given.engine.halt();
        await given.engine.resume();
        let [said, state] = ['', ''];
        const { stdout } = await awaitEvent('ssh', async () => {
          const [outcome, order] = [await world.alice.run(addressOf(abroad()), 'cat kept; cat /etc/boots'), await world.home.show(abroad().id)];
          [said, state] = [outcome.stderr, `${order?.state}: ${order?.reason}; ${await docker('ps', '-a', '--format', '{{.Status}}')}`];
          return outcome.status === 0 && outcome;
        }, { timeoutMs: 60_000, everyMs: 500, seen: () => [said, state] });
        assert.equal(stdout, 'kept\nonce\n');
        const now = await world.home.show(abroad().id);
        assert.deepEqual([now?.state, now?.instanceId], ['fulfilled', abroad().instanceId]);
      }],
      ['so does a restart of the container, also the second time', async () => {
        for (const time of [1, 2]) {
          const before = await docker('inspect', '-f', '{{.State.StartedAt}}', ...await containersOf(abroad()));
          await docker('restart', ...await containersOf(abroad()));
          assert.notEqual(await docker('inspect', '-f', '{{.State.StartedAt}}', ...await containersOf(abroad())), before, `restart ${time}`);
          await awaitEvent('ssh', async () => (await world.alice.run(addressOf(abroad()), 'cat kept')).status === 0, { timeoutMs: 60_000, everyMs: 500 });
        }
      }],
      ['deleting removes container and tunnel', async () => {
        for (const { id } of orders) await world.home.remove(id);
        await awaitGone(world, orders.map(({ id }) => id));
        await given.noContainers();
        await awaitEvent('its public port is closed', async () => !(await isPortOpen(addressOf(abroad()))));
      }],
    ],
  };
}
