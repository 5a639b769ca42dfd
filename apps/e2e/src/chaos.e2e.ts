/**
 * Chaos over the deployment of two-hosts, drawn from a seed: for a while anything is killed, frozen or cut off (databases, queues, XMPP servers, Rendezvous,
 * every process of the Managers, the front, tunnels, and the networks between the hosts and to the cloud), while a user orders machines and deletes them. Then it
 * is quiet, and everything must fit: every accepted order has its one machine and lets its owner in, and when all are deleted nothing is left anywhere.
 * A failure prints the seed and what happened when. Exit status 0 only when all holds, 77 where no engine can run. Options: --minutes N (default
 * 30), --seed N (default: random, shown), --no-install.
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from './await-event.js';
import { watchDoubles } from './chaos/find-doubles.js';
import { findRemains, machinesAtCloud, memoryOfAll } from './chaos/find-remains.js';
import { numbersOf, planFaults } from './chaos/plan-faults.js';
import type { Fault } from './chaos/plan-faults.js';
import { startOrders } from './chaos/steady-orders.js';
import type { Fate, SteadyOrders } from './chaos/steady-orders.js';
import { LEG_NAMES, servicesOfAll, strike } from './chaos/strike.js';
import { medianOf } from './quantiles.js';
import type { Told as TheEnd } from './run-story.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';
import { bringUp } from './two-hosts/chapters.js';
import { awaitFulfilled, awaitHealthy, logIn, MEMBER_HOSTS } from './two-hosts/lab.js';
import type { Lab } from './two-hosts/lab.js';
import { openLab, runOnHosts } from './two-hosts/open-lab.js';
import { within } from './within.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string' }, 'no-install': { type: 'boolean', default: false } }, allowPositionals: true });
const durationMs = Number(values.minutes) * 60_000;
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(values.seed);

const ORDER_EVERY_MS = 4000;
const MOST = 6;
const CALM_MS = 300_000;
/** A process may have grown by so much, and by a half: what it loads when it first meets a fault stays. */
const GROWTH_MB = 80;
const LOOKS_AT_MEMORY = 3;
/** A share of what was planned; the rest met a target that was just coming back. */
const LEAST_CARRIED_OUT = 0.5;

interface Told {
  readonly timeline: string[];
  orders?: SteadyOrders;
  before: Map<string, number>;
  storm: Storm;
}

/** What came of the plan, and what was seen of the machines meanwhile. */
interface Storm {
  readonly planned: number;
  readonly carriedOut: number;
  readonly looks: number;
  /** Sentences. */
  readonly doubles: readonly string[];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const describe = ({ kind, target, forMs }: Fault): string => `${kind} ${target}${forMs > 0 ? ` for ${seconds(forMs)} s` : ''}`;

/** Every fault at its time. Resolves to those that were carried out; the others, whose target was just coming back, are noted. */
async function strikeAll(lab: Lab, faults: readonly Fault[], timeline: string[]): Promise<Fault[]> {
  const begun = performance.now();
  const carriedOut: Fault[] = [];
  await Promise.all(faults.map(async (fault) => {
    await pause(Math.max(0, fault.at - (performance.now() - begun)));
    timeline.push(`${seconds(performance.now() - begun)} s: ${describe(fault)}`);
    await strike(lab, fault).then(() => carriedOut.push(fault), (error: unknown) => timeline.push(`${seconds(performance.now() - begun)} s: ${describe(fault)} was not carried out: ${String(error).slice(0, 200)}`));
  }));
  return carriedOut;
}

async function storm(lab: Lab, told: Told): Promise<string> {
  const faults = planFaults({ seed, durationMs, services: servicesOfAll(lab), legs: LEG_NAMES });
  told.orders = startOrders({ api: lab.home, publicKey: lab.user.publicKey, everyMs: ORDER_EVERY_MS, most: MOST, next: numbersOf(seed + 1), patienceMs: CALM_MS });
  const doubles = watchDoubles(CALM_MS);
  const watching = new AbortController();
  let looks = 0;
  const watch = (async () => {
    for (; !watching.signal.aborted; await pause(2000)) {
      const machines = await machinesAtCloud(lab).catch(() => undefined);
      if (machines === undefined) continue;
      looks += 1;
      doubles.look(machines, performance.now());
    }
  })();
  const carriedOut = await strikeAll(lab, faults, told.timeline);
  watching.abort();
  await watch;
  told.storm = { planned: faults.length, carriedOut: carriedOut.length, looks, doubles: doubles.found };
  const kinds = (['kill', 'pause', 'cut'] as const).map((kind) => `${carriedOut.filter((fault) => fault.kind === kind).length} × ${kind}`);
  return `${carriedOut.length} of ${faults.length} faults were carried out (${kinds.join(', ')})`;
}

const spread = (times: readonly number[]): string => (times.length === 0 ? '' : ` (half of them within ${seconds(medianOf(times))} s, the slowest after ${seconds(Math.max(...times))} s)`);

/** An engine may be late with a number. */
const weigh = (lab: Lab): Promise<Map<string, number>> => awaitEvent('the memory of all services', () => memoryOfAll(lab), { timeoutMs: 60_000, everyMs: 2000 });

/** The least of some looks: a health check is a program in the container too, and weighs as much as the service while it runs. */
async function weighTheLeast(lab: Lab): Promise<Map<string, number>> {
  const least = await weigh(lab);
  for (let look = 1; look < LOOKS_AT_MEMORY; look += 1) for (const [name, mb] of await weigh(lab)) least.set(name, Math.min(mb, least.get(name) ?? mb));
  return least;
}

function chapters(lab: Lab, told: Told): Chapter[] {
  const ours = (): [string, Fate][] => [...(told.orders?.accepted ?? [])];
  const kept = (): string[] => ours().filter(([, { deletedAt }]) => deletedAt === undefined).map(([id]) => id);
  return [bringUp(lab), {
    name: `Seed ${seed}, ${values.minutes} minutes`, isEssential: true, stepMs: durationMs + 3 * CALM_MS, steps: [
      ['one order in peace, to know how much memory all need', async () => {
        const [id = ''] = await lab.home().submit({ flavor: 'small', publicKey: lab.user.publicKey });
        await logIn(lab, await awaitFulfilled(lab, id, CALM_MS), 120_000);
        await lab.home().remove(id);
        await awaitEvent('nothing is left of it', async () => (await findRemains(lab)).length === 0, { timeoutMs: CALM_MS, everyMs: 2000 });
        told.before = await weighTheLeast(lab);
        return `${Math.round([...told.before.values()].reduce((sum, one) => sum + one, 0))} MiB`;
      }],
      ['the storm', () => storm(lab, told)],
    ],
  }, {
    name: 'What became of the plan', steps: [
      ['most of it was carried out', () => {
        const { planned, carriedOut } = told.storm;
        assert.ok(carriedOut >= planned * LEAST_CARRIED_OUT, `only ${carriedOut} of ${planned} faults were carried out`);
        return Promise.resolve();
      }],
    ],
  }, {
    name: 'Machines in the storm', steps: [
      ['no order had two', () => {
        const { looks, doubles } = told.storm;
        assert.ok(looks > 0, 'the machines at the cloud were never seen');
        assert.deepEqual(doubles, []);
        return Promise.resolve(`${looks} looks`);
      }],
    ],
  }, {
    name: 'The calm after it', steps: [
      ['all services are well again', async () => {
        for (const member of [lab.a, lab.b]) for (const host of MEMBER_HOSTS) await awaitHealthy(member, host, CALM_MS);
      }],
      ['every call of the user was answered', async () => {
        // Each call has a patience of its own, and may just have begun.
        await within(2 * CALM_MS, 'the last call', told.orders?.stop() ?? Promise.resolve());
        assert.deepEqual(told.orders?.faults, []);
        const ready = ours().flatMap(([, { orderedAt, readyAt }]) => (readyAt === undefined ? [] : [readyAt - orderedAt]));
        return `${ours().length} orders accepted, ${ready.length} ready in the storm${spread(ready)}, ${ours().length - kept().length} deleted; ${told.orders?.retries} calls were made again`;
      }],
      ['no accepted order is lost, and each that was not deleted has its machine', async () => {
        for (const id of kept()) await awaitFulfilled(lab, id, CALM_MS);
        const listed = (await lab.home().list()).filter(({ state }) => state !== 'deleted').map(({ id }) => id).sort();
        assert.deepEqual(listed, kept().sort());
        return `${listed.length} orders`;
      }],
      ['each has one machine and nobody else has one', async () => {
        await awaitEvent('one machine each', async () => {
          const owners = (await machinesAtCloud(lab)).map(({ orderId }) => orderId).sort();
          return owners.length === kept().length && owners.every((id, index) => id === kept().sort()[index]);
        }, { timeoutMs: CALM_MS, everyMs: 2000 });
      }],
      ['every machine lets its owner in, through the tunnel', async () => {
        for (const id of kept()) await logIn(lab, await awaitFulfilled(lab, id, CALM_MS), 120_000);
        return `${kept().length} logins`;
      }],
      ['when all are deleted nothing is left: orders, machines, removals, grants, jobs', async () => {
        await lab.home().removeAll();
        let seen: string[] = [];
        await awaitEvent('nothing is left', async () => { seen = await findRemains(lab); return seen.length === 0; }, { timeoutMs: CALM_MS, everyMs: 2000, seen: () => seen });
      }],
      ['memory is back at its level', async () => {
        const now = await weighTheLeast(lab);
        const grown = [...now].filter(([name, mb]) => mb > (told.before.get(name) ?? Infinity) * 1.5 + GROWTH_MB).map(([name, mb]) => `${name}: ${Math.round(told.before.get(name) ?? 0)} → ${Math.round(mb)} MiB`);
        assert.deepEqual(grown, []);
        return `${Math.round([...now.values()].reduce((sum, one) => sum + one, 0))} MiB`;
      }],
    ],
  }];
}

async function tell(lab: Lab): Promise<TheEnd> {
  const told: Told = { timeline: [], before: new Map(), storm: { planned: 0, carriedOut: 0, looks: 0, doubles: [] } };
  const end = await tellStory(chapters(lab, told), () => Promise.resolve());
  await Promise.race([told.orders?.stop(), pause(5000)]);
  if (end.failed > 0) {
    say(`\nnpm run e2e -- chaos --minutes ${values.minutes} --seed ${seed}\n${told.timeline.join('\n')}`);
    for (const member of [lab.a, lab.b]) for (const host of MEMBER_HOSTS) say(`--- ${host} ${member.letter}\n${await member.compose(host, 'logs', '--no-color', '--tail=60')}`);
  }
  return { ...end, note: `seed ${seed}` };
}

/** A machine that cannot be reached is given up sooner than in production, and a worker that is frozen too. */
const SETTINGS = { worker: { deadAfter: '10s' }, placement: { retryAfter: '1s', resendAfter: '2s', bootDeadline: '2m' } };
runOnHosts({ install: !values['no-install'], open: (ground) => openLab(ground, { settings: SETTINGS, maxInstances: MOST + 2 }), tell });
