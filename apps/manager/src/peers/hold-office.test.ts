import { once } from 'node:events';
import pg from 'pg';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import type { Logger } from '@fogbow/service-runtime';
import { createDatabase, eventually } from '../testing/start-manager.js';
import { runForOffice } from './hold-office.js';
import type { Office } from './hold-office.js';

jest.setTimeout(20_000);

interface Candidate extends Office {
  readonly terms: { isOver: boolean }[];
  holds(): boolean;
}

let databaseUrl: string;
let running: { stop(): Promise<unknown> }[];
beforeEach(async () => { [databaseUrl, running] = [await createDatabase(), []]; });
afterEach(async () => void await Promise.all(running.map((one) => one.stop())));

function candidate(silentAfterMs = 15_000, url = databaseUrl, log: Logger = silentLogger): Candidate {
  const terms: { isOver: boolean }[] = [];
  const office = runForOffice({
    databaseUrl: url, silentAfterMs, clock: systemClock, log,
    async serve(lost) {
      const term = { isOver: false };
      terms.push(term);
      if (!lost.aborted) await once(lost, 'abort');
      term.isOver = true;
    },
  });
  const made = { ...office, terms, holds: () => terms.at(-1)?.isOver === false };
  running.push(made);
  return made;
}

async function session(url = databaseUrl): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  running.push({ stop: () => client.end().catch(() => undefined) });
  await client.connect();
  return client;
}

const holders = (all: readonly Candidate[]): number => all.filter((one) => one.holds()).length;

test('of several one holds it, and the next when that one stops', async () => {
  const all = [candidate(), candidate(), candidate()];
  await Promise.all(all.map(({ firstTry }) => firstTry));
  expect(holders(all)).toBe(1);
  for (let left = all.length; left > 0; left -= 1) {
    await eventually(() => Promise.resolve(holders(all)), (count) => count === 1);
    await all.find((one) => one.holds())?.stop();
  }
  expect(all.map(({ terms }) => terms.length)).toEqual([1, 1, 1]);
});

test('whose session breaks has lost it at once, and somebody has it again', async () => {
  const all = [candidate(), candidate()];
  await Promise.all(all.map(({ firstTry }) => firstTry));
  const before = all.find((one) => one.holds()) as Candidate;
  const admin = await session();
  await admin.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())");
  await eventually(() => Promise.resolve(before.terms[0]?.isOver), (isOver) => isOver === true);
  await eventually(() => Promise.resolve(holders(all)), (count) => count === 1);
});

test('a holder that keeps its session and says nothing is put out', async () => {
  const frozen = await session();
  await frozen.query('select pg_advisory_lock(20615, 1)');
  const ended = new Promise((resolve) => frozen.once('end', resolve));
  const [patient, other] = [candidate(60_000), candidate(1000)];
  await Promise.all([patient.firstTry, other.firstTry]);
  expect(holders([patient, other])).toBe(0);
  await ended;
  await eventually(() => Promise.resolve(holders([patient, other])), (count) => count === 1);
});

test('a holder that is heard is not put out', async () => {
  const holder = candidate(1500);
  await holder.firstTry;
  const impatient = candidate(1500);
  await systemClock.sleep(3000);
  expect([holder.holds(), impatient.terms.length]).toEqual([true, 0]);
});

test('a database that is not there ends the first try, and stop ends the rest', async () => {
  const nowhere = candidate(1000, 'postgres://nobody@127.0.0.1:1/nothing');
  await nowhere.firstTry;
  await nowhere.stop();
  expect(nowhere.terms).toEqual([]);
});

test('a database that goes after a term in order is told, once, and its words are not those of a fault of our own', async () => {
  const said: string[] = [];
  const log = { ...silentLogger, warn: (words: string) => void said.push(words) };
  const holder = candidate(1000, databaseUrl, log);
  await eventually(() => Promise.resolve(holder.holds()), (holds) => holds);
  const admin = await session(String(process.env['TEST_POSTGRES_URL']));
  const name = new URL(databaseUrl).pathname.slice(1);
  await admin.query(`alter database ${name} with allow_connections false`);
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await eventually(() => Promise.resolve(said.length), (count) => count > 0);
  await admin.query(`alter database ${name} with allow_connections true`);
  await eventually(() => Promise.resolve(holder.holds() && holder.terms.length === 2), (holds) => holds);
  expect(said).toEqual(['the database cannot be asked who speaks for the member']);
});

test('a term that cannot be served is told as such, and tried again', async () => {
  const said: string[] = [];
  const tried: unknown[] = [];
  running.push(runForOffice({
    databaseUrl, silentAfterMs: 15_000, clock: systemClock, log: { ...silentLogger, warn: (words: string) => void said.push(words) },
    async serve(lost) {
      tried.push(lost);
      if (tried.length === 1) throw new Error('no link');
      await once(lost, 'abort');
    },
  }));
  await eventually(() => Promise.resolve(tried.length), (count) => count === 2);
  expect(said).toEqual([expect.stringMatching(/holds the office .* and cannot/)]);
});
