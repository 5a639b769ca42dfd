/**
 * Three Manager processes with an API and three that work, over one PostgreSQL and one Redis, under a steady stream of orders by clients that talk to any
 * of the APIs; each process is killed once in the middle, and one is frozen. Every order is answered and has exactly one machine, readers of events hear
 * everything whichever process they are connected to, all processes share the work, and who speaks to the other members moves. Exit status 0 only
 * when all holds. Options: --port-base N (default 24600; 310 ports are used), --per-second N (default 5), --apis N, --workers N (default 3).
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from './await-event.js';
import { awaitHarmony } from './crash-safety/find-faults.js';
import { createSite } from './crash-safety/sites.js';
import type { Site } from './crash-safety/sites.js';
import { createProcessControl } from './crash-safety/process-control.js';
import { createWorldFederation } from './crash-safety/start-world.js';
import { agree, connectSse, connectWebSocket, openReader } from './events/readers.js';
import type { Reader } from './events/readers.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createMemberProcesses, STEADY } from './scale-out/member-processes.js';
import type { MemberProcesses } from './scale-out/member-processes.js';
import { startOrderStream } from './scale-out/order-stream.js';
import type { OrderStream } from './scale-out/order-stream.js';
import { createTally } from './scale-out/work-tally.js';
import type { Tally } from './scale-out/work-tally.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

/** The cloud at home is small enough that many orders go abroad, through the one process that speaks. */
const ROOM = { home: 60, abroad: 2000 };
const DELAYS = { createDelay: 20, bootDelay: 200 };
const BETWEEN_KILLS_MS = 1500;
const SETTLE_MS = 90_000;

interface Lab {
  readonly home: Site;
  readonly abroad: Site;
  readonly all: MemberProcesses;
  readonly tally: Tally;
  readonly readers: Reader[];
  readonly perSecond: number;
}

const speakersOf = async ({ all }: Lab): Promise<string[]> => (await Promise.all(all.workers.map(async (name) => (await all.speaks(name) === true ? [name] : [])))).flat();

async function awaitSpeaker(lab: Lab, timeoutMs: number, except?: string): Promise<string> {
  const [name = ''] = await awaitEvent('one process speaks for the member', async () => {
    const names = (await speakersOf(lab)).filter((one) => one !== except);
    return names.length === 1 && names;
  }, { timeoutMs });
  return name;
}

/** One after the other dies and comes back, while orders stream in; the last one is frozen and must be put out. */
async function killEach(lab: Lab): Promise<string> {
  const { all, tally } = lab;
  const moves: string[] = [];
  for (const name of [...all.apis, ...all.workers].sort((a, b) => a.slice(-1).localeCompare(b.slice(-1)))) {
    const before = await awaitSpeaker(lab, 20_000);
    await tally.look();
    await all.control.kill(name);
    await pause(BETWEEN_KILLS_MS);
    if (name === before) moves.push(`${before} → ${await awaitSpeaker(lab, 10_000)}`);
    await all.control.start(name);
  }
  return `${all.apis.length + all.workers.length} kills; who speaks: ${moves.join(', ') || 'nobody else had to'}`;
}

async function freezeSpeaker(lab: Lab): Promise<string> {
  const { control } = lab.all;
  const before = await awaitSpeaker(lab, 20_000);
  const begun = performance.now();
  control.freeze(before);
  try {
    const after = await awaitSpeaker(lab, 30_000, before);
    return `${before} → ${after} after ${((performance.now() - begun) / 1000).toFixed(1)} s`;
  } finally {
    control.thaw(before);
    await awaitEvent('the thawed one has heard', async () => (await speakersOf(lab)).length === 1, { timeoutMs: 20_000 });
  }
}

function chapters(lab: Lab): Chapter[] {
  const { all, home, abroad, readers, tally } = lab;
  const state: { stream?: OrderStream } = {};
  const stream = (): OrderStream => state.stream as OrderStream;
  return [{
    name: `${all.apis.length} APIs and ${all.workers.length} workers of one member`, steps: [
      ['all are ready, and one of them speaks', async () => {
        await Promise.all([...all.apis, ...all.workers].map((name) => all.control.start(name)));
        return await awaitSpeaker(lab, 20_000);
      }],
      ['a reader of events at each of the APIs, and a stream of orders', async () => {
        for (const [index, name] of all.apis.entries()) readers.push(await openReader(`the reader at ${name}`, all.sourceFrom(name), index % 2 === 0 ? connectWebSocket : connectSse));
        state.stream = startOrderStream({ apis: all.apis.map((name) => ({ name, client: all.clientOf(name) })), order: { flavor: 'fogbow_small' }, everyMs: 1000 / lab.perSecond, patienceMs: 20_000 });
        await awaitEvent('the first orders are answered', () => stream().answered.size >= 10);
      }],
      ['each process is killed once, and comes back', () => killEach(lab)],
      ['the one who speaks is frozen, and another one takes over', () => freezeSpeaker(lab)],
      ['every order was answered', async () => {
        await stream().stop();
        return `${stream().answered.size} orders, ${stream().failures.length} tries failed and were made again elsewhere`;
      }],
      ['each has exactly one machine, here or abroad, and there is nothing else', async () => {
        const orders = [...stream().answered.keys()];
        await awaitHarmony(home, abroad, { orders, tunnels: false }, SETTLE_MS);
        const abroadNow = (await abroad.machines()).length;
        assert.ok(abroadNow > 0, 'nothing went abroad');
        return `${orders.length - abroadNow} at home, ${abroadNow} abroad`;
      }],
      ['the readers have heard every move once and in order, each at whichever process it was', async () => {
        const told = await agree(home, readers);
        return `${told} messages; ${readers.map(({ name, cuts }) => `${name} came back ${cuts} times`).join(', ')}`;
      }],
      ['all processes had their share', async () => {
        await tally.look();
        const byApi = all.apis.map((name) => [name, [...stream().answered.values()].filter((one) => one === name).length] as const);
        for (const [name, orders] of byApi) assert.ok(orders > 0, `${name} answered nothing: ${JSON.stringify(byApi)}`);
        const byWorker = all.workers.map((name) => [name, tally.of(name)] as const);
        for (const [name, calls] of byWorker) assert.ok(calls > 0, `${name} did nothing: ${JSON.stringify(byWorker)}`);
        return [...byApi.map(([name, orders]) => `${name} ${orders} orders`), ...byWorker.map(([name, calls]) => `${name} ${calls} calls to the cloud`)].join(', ');
      }],
      ['everything is deleted, and nothing is left', async () => {
        await all.clientOf(all.apis[0] as string).removeAll();
        await awaitHarmony(home, abroad, { orders: [], tunnels: false }, SETTLE_MS);
        await agree(home, readers);
      }],
    ],
  }];
}

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '24600' }, 'per-second': { type: 'string', default: '5' }, apis: { type: 'string', default: '3' }, workers: { type: 'string', default: '3' } } });

async function open(endings: Endings): Promise<Lab> {
  const portBase = Number(values['port-base']);
  const federation = createWorldFederation('cloud-fake', portBase);
  endings.push(() => federation.dispose());
  await federation.start();
  const file = federation.file();
  const managers = createProcessControl({ processes: file.processes, environment: () => STEADY, probes: {} });
  await managers.kill('manager-a');
  await managers.restart('manager-b');
  const all = createMemberProcesses(file, 'a', { apis: Number(values.apis), workers: Number(values.workers), firstPort: portBase + 300 });
  endings.push(() => all.stop());
  const readers: Reader[] = [];
  endings.push(() => { for (const reader of readers) reader.leave(); });
  // The site as its first API shows it; the story looks at it only while that one runs.
  const home: Site = { ...createSite(file, 'a'), api: all.clientOf('api-1') };
  const abroad = createSite(file, 'b');
  await Promise.all([home.turn({ ...DELAYS, maxInstances: ROOM.home }), abroad.turn({ ...DELAYS, maxInstances: ROOM.abroad })]);
  return { home, abroad, all, readers, tally: createTally(all.workers, all.cloudCalls), perSecond: Number(values['per-second']) };
}

runStory({ open, tell: (lab) => tellStory(chapters(lab), () => Promise.resolve(), { stepMs: 600_000 }) });
