import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { processesWith } from '../machines.js';
import { awaitOrder, awaitState, login, machineFor } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import { isBySize, PROBE_TIMEOUT_S } from './power-world.js';
import type { PowerWorld } from './power-world.js';

/** None of these costs an order anything but its measurement. */
export function faults(given: PowerWorld): Chapter {
  const { world } = given;
  return {
    name: 'What goes wrong costs the measurement, never the order',
    steps: [
      ['a probe that hangs is ended, with its processes, and the machine counts by its size', async () => {
        given.set('hang', true);
        const begun = performance.now();
        const [order] = await awaitState(world, [await given.submit()], 'fulfilled');
        given.set('hang', false);
        assert(order && isBySize(await given.shown(world.home, order.id)));
        assert.deepEqual([given.traces(order), processesWith('54321')], [{ keys: [], hasProbe: false }, []]);
        assert.equal(await given.ended(world.a, 'timed-out'), 1);
        assert.match(logOf(given), /a machine counts by its size.*took too long/);
        await login(world, order);
        await world.home.remove(order.id);
        return `fulfilled after ${((performance.now() - begun) / 1000).toFixed(0)} s, of which the probe had ${PROBE_TIMEOUT_S}`;
      }],
      ['a machine that lets the Manager in no more is waited for, and then counts by its size', async () => {
        const begun = performance.now();
        const id = await given.submit({ userData: [{ contentType: 'text/x-shellscript', content: '#!/bin/sh\nrm -f "$HOME/.ssh/authorized_keys"\n' }] });
        const [order] = await awaitState(world, [id], 'fulfilled', 150_000);
        assert(order && isBySize(await given.shown(world.home, id)));
        assert.equal(given.runs(order), 0);
        await awaitEvent('a line in the log', () => /it was not measured in time.*does not take the key/.test(logOf(given)));
        assert.equal(await given.ended(world.a, 'late'), 1);
        await login(world, order);
        await world.home.remove(id);
        return `fulfilled after ${((performance.now() - begun) / 1000).toFixed(0)} s`;
      }],
      ['a user without a key gets a machine that is measured, and that nobody is left in', async () => {
        const [id] = await world.home.submit({ flavor: 'fogbow_small', requirements: `Glue2CloudComputeManagerID == "${world.a.id}"` });
        assert(id);
        const [order] = await awaitState(world, [id], 'fulfilled');
        assert(order && (await given.shown(world.home, id)).measured);
        assert.deepEqual(given.traces(order), { keys: [], hasProbe: false });
        await world.home.remove(id);
      }],
      ['two machines at once are both measured', async () => {
        const orders = await awaitState(world, await world.home.submit({ count: 2, flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${world.a.id}"` }), 'fulfilled');
        for (const order of orders) assert((await given.shown(world.home, order.id)).measured && given.runs(order) === 1);
      }],
    ],
  };
}

export function killed(given: PowerWorld): Chapter {
  const { world } = given;
  return {
    name: 'The Manager is killed in the middle of a measurement',
    steps: [
      ['the machine measures on, and the next Manager hears the result of the first run', async () => {
        given.set('hold', true);
        const order = await awaitOrder(world, await given.submit(), 'a measurement that is under way', (seen) => seen.state === 'spawning' && given.runs(seen) === 1);
        await killManager(given);
        given.set('hold', false);
        return await checkMeasured(given, order);
      }],
      ...[1, 2, 3].map((round): Chapter['steps'][number] => [`so it does when the result is there and nobody has said so (${round})`, async () => {
        const id = await given.submit();
        const order = await awaitOrder(world, id, 'a machine', (seen) => seen.instanceId !== undefined);
        const result = join(machineFor(world, order).home, '.fogbow-probe', 'result');
        await awaitEvent('the result', () => existsSync(result), { everyMs: 1 });
        await killManager(given);
        return await checkMeasured(given, order);
      }]),
    ],
  };
}

/** The launcher brings back what dies. */
async function killManager({ world }: PowerWorld): Promise<void> {
  const { pid } = world.federation.process('manager-a');
  process.kill(pid, 'SIGKILL');
  await awaitEvent('the Manager is back', async () => world.federation.process('manager-a').pid !== pid && (await world.home.members()).length > 0);
}

async function checkMeasured(given: PowerWorld, { id }: OrderView): Promise<string> {
  const { world } = given;
  const begun = performance.now();
  const [order] = await awaitState(world, [id], 'fulfilled', 90_000);
  assert(order);
  const power = await given.shown(world.home, id);
  assert(power.measured, JSON.stringify(power));
  assert.equal(given.runs(order), 1, 'it was measured more than once');
  assert.deepEqual(given.traces(order), { keys: [], hasProbe: false });
  assert.equal((await (await given.asManager(world.a, id)).run(order.ssh as NonNullable<OrderView['ssh']>, 'true')).status, 255);
  await login(world, order);
  await world.home.remove(id);
  return `${((performance.now() - begun) / 1000).toFixed(1)} s after it was back`;
}

const logOf = ({ world }: PowerWorld): string => readFileSync(world.federation.process('manager-a').logFile, 'utf8');
