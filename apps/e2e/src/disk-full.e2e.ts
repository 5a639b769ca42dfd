/**
 * The disk of PostgreSQL is full, then that of Redis: each is a small one of its own (tmpfs), filled to the last byte while orders come. What cannot be done
 * is refused with a reason, health tells it, nothing that was accepted is lost, and when there is room again all goes on without a restart of the Manager.
 * Exit status 0 only when all holds, 77 for anybody but root. Options: --port-base N (default 28400; 10 ports are used).
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from './await-event.js';
import { openEstate } from './disk-full/estate.js';
import type { Estate } from './disk-full/estate.js';
import { runStory } from './run-story.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

const BOUND = { timeoutMs: 90_000 };
/** Long enough that a few of them need new pages. */
const BODY = JSON.stringify({ flavor: 'small', count: 20, userData: [{ contentType: 'text/x-shellscript', content: `#!/bin/sh\n: ${'x'.repeat(4000)}\n` }] });

/** Ids, or what the refusal said. */
async function tryToOrder({ api }: Estate): Promise<readonly string[] | string> {
  const { status, data } = await api.raw('POST', '/v1/orders', { headers: { 'Content-Type': 'application/json' }, body: BODY });
  if (status === 201) return (data as { ids: string[] }).ids;
  assert.equal(status, 503, `a request was answered ${status}: ${JSON.stringify(data)}`);
  return (data as { detail: string }).detail;
}

const allFulfilled = async ({ api }: Estate, ids: readonly string[]): Promise<boolean> => {
  const there = new Map((await api.list()).map(({ id, state }) => [id, state]));
  return ids.every((id) => there.get(id) === 'fulfilled');
};

function chapters(estate: Estate): Chapter[] {
  const { api, postgresDisk, redisDisk } = estate;
  const accepted: string[] = [];
  const refusals = new Set<string>();
  const order = async (): Promise<void> => {
    const outcome = await tryToOrder(estate);
    if (typeof outcome === 'string') refusals.add(outcome);
    else accepted.push(...outcome);
  };
  const goesOn = async (): Promise<string> => {
    const begun = performance.now();
    await awaitEvent('an order is accepted', async () => typeof await tryToOrder(estate).then((outcome) => { if (typeof outcome !== 'string') accepted.push(...outcome); return outcome; }) !== 'string', BOUND);
    await awaitEvent('every accepted order has its machine', () => allFulfilled(estate, accepted), BOUND);
    await awaitEvent('both processes are ready', async () => (await Promise.all((['api', 'worker'] as const).map(estate.readyOf))).every(({ status }) => status === 200), BOUND);
    return `${accepted.length} orders, ${((performance.now() - begun) / 1000).toFixed(1)} s after there was room`;
  };
  return [{
    name: 'The disk of PostgreSQL', steps: [
      ['orders are served', async () => { await order(); await awaitEvent('all are fulfilled', () => allFulfilled(estate, accepted), BOUND); }],
      ['it is full: orders are refused with 503 and a reason', async () => {
        postgresDisk.fill();
        await awaitEvent('refused', async () => { await order(); return refusals.size > 0; }, { ...BOUND, everyMs: 20 });
        for (let count = 0; count < 30; count += 1) { await order(); await pause(50); }
        assert.match([...refusals].join('; '), /no room on its disk/);
        return [...refusals].join('; ');
      }],
      ['health is not ready, and says why', async () => {
        const { reasons } = await awaitEvent('not ready for want of room', async () => { const seen = await estate.readyOf('api'); return seen.status === 503 && /no room on its disk/.test(seen.reasons) && seen; }, BOUND);
        return reasons;
      }],
      ['with room again all goes on, without a restart', async () => {
        postgresDisk.clear();
        return `${await goesOn()}; PostgreSQL was started again ${estate.restarts()} times`;
      }],
    ],
  }, {
    name: 'The disk of Redis', steps: [
      ['it is full: the worker is not ready, and says why', async () => {
        redisDisk.fill();
        await order();
        const { reasons } = await awaitEvent('not ready because of Redis', async () => { await order(); const seen = await estate.readyOf('worker'); return seen.status === 503 && /redis takes nothing: MISCONF/.test(seen.reasons) && seen; }, { ...BOUND, everyMs: 500 });
        return reasons;
      }],
      ['orders are accepted all the same', async () => {
        assert.notEqual(typeof await tryToOrder(estate).then((outcome) => { if (typeof outcome !== 'string') accepted.push(...outcome); return outcome; }), 'string');
        assert.equal((await estate.readyOf('api')).status, 200);
      }],
      ['with room again all goes on, without a restart', () => { redisDisk.clear(); return goesOn(); }],
      ['everything is deleted', async () => {
        await api.removeAll();
        await awaitEvent('no order', async () => (await api.list()).length === 0, BOUND);
      }],
    ],
  }];
}

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '28400' } } });
runStory({
  skip: () => (process.getuid?.() === 0 ? undefined : 'only root can make a small disk.'),
  open: (endings) => openEstate(Number(values['port-base']), endings),
  async tell(estate) {
    const end = await tellStory(chapters(estate), () => Promise.resolve(), { stepMs: 300_000 });
    if (end.failed > 0) for (const name of ['api', 'worker']) process.stdout.write(`--- ${name}\n${estate.control.logOf(name).split('\n').slice(-12).join('\n')}\n`);
    return end;
  },
});
