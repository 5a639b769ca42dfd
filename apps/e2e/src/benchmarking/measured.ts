import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitOrder, awaitState, login } from '../main-job/world.js';
import { reconfigure } from '../reconfigure.js';
import type { Outcome } from '../ssh.js';
import type { Chapter } from '../story.js';
import { BY_SIZE, PROBE_TIMEOUT_S } from './power-world.js';
import type { PowerWorld, ShownPower } from './power-world.js';

export function startMeasuring({ world, scriptFile }: PowerWorld): Chapter {
  const benchmark = (name: string, settings: object): Promise<void> => {
    const admin = world.federation.member(name).users[0]?.name;
    const lines = [`benchmarking: ${JSON.stringify({ plugin: 'benchmarking-ssh', settings })}`, `admins: ${JSON.stringify([admin])}`, 'worker: { deadAfter: 3s }'];
    return reconfigure(world.federation, `manager-${name}`, lines.join('\n'));
  };
  return {
    name: 'npm start, with machines that are measured', isEssential: true,
    steps: [
      ['brings up two members', () => world.federation.start()],
      ['of which A measures by a program of its own', () => benchmark('a', { scriptFile, timeout: `${PROBE_TIMEOUT_S}s`, atOnce: 2 })],
      ['and B by the one that comes along', () => benchmark('b', { timeout: '100s' })],
      ['which know each other', () => awaitEvent('both list both', async () => (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2)).then(() => undefined)],
    ],
  };
}

/** From the boot to the accounts. */
export function measured(given: PowerWorld): Chapter {
  const { world } = given;
  let [order, attempt, power]: [OrderView | undefined, Promise<Outcome> | undefined, ShownPower | undefined] = [undefined, undefined, undefined];
  const one = (): OrderView => { assert(order); return order; };
  return {
    name: 'A machine is measured before its user is told of it',
    steps: [
      ['while it is measured its order is spawning, and says why', async () => {
        given.set('hold', true);
        const id = await given.submit();
        order = await awaitOrder(world, id, 'a measurement that is under way', (seen) => seen.state === 'spawning' && seen.ssh !== undefined && seen.instanceId !== undefined && given.runs(seen) === 1);
        assert.equal((await awaitOrder(world, id, 'its reason', ({ reason }) => reason === 'the machine runs, and is being measured')).state, 'spawning');
      }],
      ['the machine has one key of the Manager, which may do one thing', async () => {
        const { publicKey } = await given.asManager(world.a, one().id);
        assert.deepEqual(given.traces(one()), { keys: [`restrict,command="cd && exec sh .fogbow-probe/run" ${publicKey} fogbow-probe`], hasProbe: true });
        return publicKey.slice(0, 40);
      }],
      ['with it somebody may come beside the Manager, and with the key of another machine nobody', async () => {
        attempt = (await given.asManager(world.a, one().id)).run(addressOf(one()), 'echo let me in; id');
        assert.equal((await (await given.asManager(world.a, '00000000-0000-4000-8000-000000000000')).run(addressOf(one()), 'true')).status, 255);
      }],
      ['when it is over the order is fulfilled, with what was measured', async () => {
        given.set('hold', false);
        [order] = await awaitState(world, [one().id], 'fulfilled');
        power = await given.shown(world.home, one().id);
        assert(power.measured && power.seconds !== undefined && power.seconds > 0.1, JSON.stringify(power));
        assert(Math.abs(power.value - 10 / power.seconds) < 1e-9, JSON.stringify(power));
        assert.equal(given.runs(one()), 1);
        assert.equal(await given.ended(world.a, 'measured'), 1);
        return `${power.seconds} s, power ${power.value.toFixed(2)}`;
      }],
      ['whoever came by the same key meanwhile heard the measurement and no more', async () => {
        const outcome = await attempt;
        assert(outcome && !`${outcome.stdout}${outcome.stderr}`.includes('let me in') && !outcome.stdout.includes('uid='), JSON.stringify(outcome));
      }],
      ['no key of the Manager is left, and it lets nobody in any more', async () => {
        assert.deepEqual(given.traces(one()), { keys: [], hasProbe: false });
        assert.equal((await (await given.asManager(world.a, one().id)).run(addressOf(one()), 'true')).status, 255);
      }],
      ['the user is in', async () => void await login(world, one())],
      ['the accounts count what was measured, also when the Manager was killed and the order is gone', async () => {
        await awaitEvent('a few seconds of use', async () => (await given.account(world.home, world.a)).seconds >= 3);
        await world.home.remove(one().id);
        await awaitEvent('the order is gone', async () => await world.home.show(one().id) === undefined);
        const before = await given.account(world.home, world.a);
        assert(power && Math.abs(before.powerSeconds - power.value * before.seconds) <= power.value / 2 + 0.5, JSON.stringify([before, power]));
        const { pid } = world.federation.process('manager-a');
        process.kill(pid, 'SIGKILL');
        const after = await awaitEvent('the Manager is back', async () => world.federation.process('manager-a').pid !== pid && await given.account(world.home, world.a));
        assert.deepEqual(after, before);
        return `${before.powerSeconds} power-seconds in ${before.seconds} s; by its size it would be ${(BY_SIZE * before.seconds).toFixed(1)}`;
      }],
    ],
  };
}
