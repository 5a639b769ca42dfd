import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitState, login } from '../main-job/world.js';
import type { Outcome } from '../ssh.js';
import type { Chapter } from '../story.js';
import { BY_SIZE, isBySize } from './power-world.js';
import type { PowerWorld } from './power-world.js';

/** What B has made for a user of A: B goes by its own measurement, A by its own table. */
export function abroad(given: PowerWorld): Chapter {
  const { world } = given;
  let order: OrderView | undefined;
  const one = (): OrderView => { assert(order); return order; };
  return {
    name: `A machine at B, of ${world.b.cloud.plugin}, for a user of A`,
    steps: [
      ['is measured by B before A hears of it', async () => {
        [order] = await awaitState(world, await world.home.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${world.b.id}"` }), 'fulfilled', 120_000);
        await awaitEvent('one measured machine', async () => await given.ended(world.b, 'measured') === 1, { timeoutMs: 5000, seen: () => linesOfB(given) });
      }],
      ['has no key but its user\'s, and refuses that of the Manager of B', async () => {
        const { stdout } = await login(world, one(), 'cat .ssh/authorized_keys; ls -a');
        assert(!stdout.includes('fogbow-probe'), stdout);
        assert.equal((await (await given.asManager(world.b, one().id)).run(addressOf(one()), 'true')).status, 255);
      }],
      ['counts by what was measured at B, and by its size at A, which believes nobody', async () => {
        assert(isBySize(await given.shown(world.home, one().id)));
        const at = async (client: PowerWorld['world']['home']) => await awaitEvent('a few seconds of use', async () => {
          const line = await given.account(client, world.b);
          return line.seconds >= 8 && line;
        });
        const [there, here] = [await at(world.away), await at(world.home)];
        const power = 10 / (JSON.parse(linesOfB(given).at(-1) ?? '{}') as { seconds: number }).seconds;
        assert(Math.abs(there.powerSeconds - power * there.seconds) <= power / 2 + 0.5, JSON.stringify([there, power]));
        assert(Math.abs(here.powerSeconds - BY_SIZE * here.seconds) <= 1, JSON.stringify(here));
        return `${there.powerSeconds} power-seconds in ${there.seconds} s at B, ${here.powerSeconds} in ${here.seconds} s at A`;
      }],
    ],
  };
}

/** What B says of measurements. */
const linesOfB = ({ world }: PowerWorld): string[] =>
  readFileSync(world.federation.process('manager-b').logFile, 'utf8').split('\n').filter((line) => /measur/.test(line));

/** Where B has a container engine: machines with OpenSSH's server, as a user of B sees them from the first moment. */
export function withOpenSsh(given: PowerWorld): Chapter {
  const { world } = given;
  let order: OrderView | undefined;
  const outcomes: Outcome[] = [];
  const one = (): OrderView => { assert(order); return order; };
  return {
    name: 'A machine at B with OpenSSH for its server',
    steps: [
      ['is measured; whoever has the key of the Manager meanwhile gets no shell', async () => {
        const [id = ''] = await world.away.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${world.b.id}"` });
        const manager = await given.asManager(world.b, id);
        order = await awaitEvent('the order is fulfilled', async () => {
          const seen = await world.away.show(id);
          if (seen?.ssh && seen.state === 'spawning') outcomes.push(await manager.run(seen.ssh, 'echo let me in; id'));
          return seen?.state === 'fulfilled' && seen;
        }, { timeoutMs: 120_000, everyMs: 50 });
        assert(outcomes.every(({ stdout, stderr }) => !`${stdout}${stderr}`.includes('let me in') && !stdout.includes('uid=')), JSON.stringify(outcomes));
        const power = await given.shown(world.away, id);
        assert(power.measured, JSON.stringify(power));
        return `${power.seconds} s, power ${power.value.toFixed(2)}; ${outcomes.length} other logins by its key, of which ${outcomes.filter(({ status }) => status !== 255).length} came in, got no more than the measurement`;
      }],
      ['its authorized_keys hold the user\'s key and nothing else', async () => {
        const { stdout } = await login(world, one(), 'cat .ssh/authorized_keys; stat -c "%U %a" .ssh/authorized_keys; ls -A | grep -c probe || :');
        assert.equal(stdout, `${world.alice.publicKey}\n${addressOf(one()).username} 600\n0\n`);
      }],
      ['the key of the Manager lets nobody in any more', async () => {
        assert.equal((await (await given.asManager(world.b, one().id)).run(addressOf(one()), 'true')).status, 255);
        await world.away.remove(one().id);
        await awaitEvent('the order is gone', async () => await world.away.show(one().id) === undefined);
      }],
    ],
  };
}
