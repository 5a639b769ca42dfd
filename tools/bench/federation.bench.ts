/**
 * Request/answer round trips per second between the messaging layers of two Managers, beside bare echoes over the same Prosody servers: one with
 * the same library and nothing of ours, one with sockets alone. 64 in flight; at one server, and across two. Options: --rounds N (default 7), --requests N of a round (default 2000).
 */
import { parseArgs } from 'node:util';
import { GETINSTANCE } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { openProsodyLab } from '../../apps/e2e/src/prosody/prosody-lab.js';
import type { ProsodyLab } from '../../apps/e2e/src/prosody/prosody-lab.js';
import { openBareEcho, openSocketEcho } from './bare-echo.js';
import { median, reportBench } from './report.js';
import type { BenchRow } from './report.js';

const IN_FLIGHT = 64;

async function rate(requests: number, ask: () => Promise<unknown>): Promise<number> {
  let left = requests;
  const begun = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (left-- > 0) await ask();
  }));
  return requests / ((performance.now() - begun) / 1000);
}

async function openPair(lab: ProsodyLab, from: string, to: string): Promise<{ ask(): Promise<unknown>; stop(): Promise<unknown> }> {
  const [a, b]: FederationLink[] = [lab.link(from), lab.link(to)];
  if (!a || !b) throw new Error('There is no link.');
  b.handle(GETINSTANCE, async () => ({ instanceId: 'i-1', state: 'RUNNING', attributes: {} }));
  await Promise.all([a.start(), b.start()]);
  return { ask: () => a.request(to, GETINSTANCE, { instanceId: 'i-1' }), stop: () => Promise.all([a.stop(), b.stop()]) };
}

const NAMES = ['ours', 'library', 'sockets'] as const;

/** The three in turn, each round in another order, so that none always profits from a warm server. */
async function compare(where: string, lab: ProsodyLab, second: string, { rounds, requests }: { rounds: number; requests: number }): Promise<BenchRow[]> {
  const end = (jid: string) => ({ jid, port: lab.serverOf(jid).site.ports.component, secret: lab.secretOf(jid) });
  const pairs = {
    ours: await openPair(lab, 'm1.one.test', `m2.${second}`),
    library: await openBareEcho(end('e1.one.test'), end(`e2.${second}`)),
    sockets: await openSocketEcho(end('s1.one.test'), end(`s2.${second}`)),
  };
  const rates: Record<(typeof NAMES)[number], number[]> = { ours: [], library: [], sockets: [] };
  for (const name of NAMES) await rate(requests, pairs[name].ask);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < NAMES.length; turn += 1) {
      const name = NAMES[(round + turn) % NAMES.length] as (typeof NAMES)[number];
      rates[name].push(await rate(requests, pairs[name].ask));
    }
  }
  await Promise.all(NAMES.map((name) => pairs[name].stop()));
  process.stdout.write(`${where}: ${NAMES.map((name) => `${name} ${rates[name].map(Math.round).join(' ')}`).join('; ')}\n`);
  const [ours, unit, goal] = [median(rates.ours), '1/s', 0.7];
  return (['library', 'sockets'] as const).map((name) => ({ what: `${where}, against bare ${name}`, ours, peer: median(rates[name]), unit, ratio: ours / median(rates[name]), goal }));
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, requests: { type: 'string', default: '2000' } }, strict: false });
  const settings = { rounds: Number(values.rounds), requests: Number(values.requests) };
  const lab = await openProsodyLab(['m1.one.test', 'm2.one.test', 'm2.two.test', 'e1.one.test', 'e2.one.test', 'e2.two.test', 's1.one.test', 's2.one.test', 's2.two.test']);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void lab.close().finally(() => process.exit(130)));
  try {
    reportBench([...await compare('one server', lab, 'one.test', settings), ...await compare('two servers', lab, 'two.test', settings)]);
  } finally {
    await lab.close();
  }
}

void main();
