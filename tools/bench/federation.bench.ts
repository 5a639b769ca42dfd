/**
 * Request/answer round trips per second between the messaging layers of two Managers, beside a bare echo over the same Prosody servers and the
 * same library, 64 in flight: at one server, and across two. Options: --rounds N (default 7), --requests N of a round (default 3000).
 */
import { parseArgs } from 'node:util';
import { GETINSTANCE } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { openProsodyLab } from '../../apps/e2e/src/prosody/prosody-lab.js';
import type { ProsodyLab } from '../../apps/e2e/src/prosody/prosody-lab.js';
import { openBareEcho } from './bare-echo.js';
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

async function compare(what: string, lab: ProsodyLab, second: string, { rounds, requests }: { rounds: number; requests: number }): Promise<BenchRow> {
  const end = (jid: string) => ({ jid, port: lab.serverOf(jid).site.ports.component, secret: lab.secretOf(jid) });
  const ours = await openPair(lab, 'm1.one.test', `m2.${second}`);
  const echo = await openBareEcho(end('e1.one.test'), end(`e2.${second}`));
  const rates = { ours: [] as number[], echo: [] as number[] };
  await rate(requests, ours.ask);
  await rate(requests, echo.ask);
  for (let round = 0; round < rounds; round += 1) {
    // In turn first and second, so that neither always profits from a warm server.
    const turns: ['ours' | 'echo', () => Promise<unknown>][] = [['ours', ours.ask], ['echo', echo.ask]];
    for (const [name, ask] of round % 2 === 0 ? turns : turns.reverse()) rates[name].push(await rate(requests, ask));
  }
  await Promise.all([ours.stop(), echo.stop()]);
  process.stdout.write(`${what}: ours ${rates.ours.map(Math.round).join(' ')}; echo ${rates.echo.map(Math.round).join(' ')}\n`);
  return { what, ours: median(rates.ours), peer: median(rates.echo), unit: '1/s', ratio: median(rates.ours) / median(rates.echo), goal: 0.7 };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, requests: { type: 'string', default: '3000' } }, strict: false });
  const settings = { rounds: Number(values.rounds), requests: Number(values.requests) };
  const lab = await openProsodyLab(['m1.one.test', 'm2.one.test', 'm2.two.test', 'e1.one.test', 'e2.one.test', 'e2.two.test']);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void lab.close().finally(() => process.exit(130)));
  try {
    reportBench([await compare('round trips at one server', lab, 'one.test', settings), await compare('round trips across two servers', lab, 'two.test', settings)]);
  } finally {
    await lab.close();
  }
}

void main();
