/**
 * Time from POST to the first successful login with the real ssh client, through the reverse tunnel, at home and abroad, on the embedded
 * cloud. ssh is tried again and again from the moment when the order shows an address. Options: --runs N (default 9), --port-base N.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApiClient } from '../../apps/e2e/src/api-client.js';
import { awaitEvent } from '../../apps/e2e/src/await-event.js';
import { createSshUser } from '../../apps/e2e/src/ssh.js';
import type { SshUser } from '../../apps/e2e/src/ssh.js';
import { createFederation } from '../../apps/e2e/src/start-federation.js';
import type { TestFederation } from '../../apps/e2e/src/start-federation.js';
import { median, reportBench } from './report.js';
import type { BenchRow } from './report.js';

const LIMIT_MS = 60_000;

/** Seconds from the POST at member A to a shell at the named member, and nothing left of it afterwards. */
async function secondsToLogin(federation: TestFederation, user: SshUser, memberId: string): Promise<number> {
  const api = createApiClient(federation.member('a'));
  const patience = { timeoutMs: LIMIT_MS, everyMs: 0 };
  const begun = performance.now();
  const [id = ''] = await api.submit({ publicKey: user.publicKey, flavor: 'fogbow_small', requirements: `Glue2CloudComputeManagerID == "${memberId}"` });
  const address = await awaitEvent('an address', async () => (await api.show(id))?.ssh, patience);
  await awaitEvent('a login', async () => (await user.run(address, 'true')).status === 0, patience);
  const seconds = (performance.now() - begun) / 1000;
  await api.remove(id);
  await awaitEvent('the order is gone', async () => await api.show(id) === undefined, { timeoutMs: LIMIT_MS });
  return seconds;
}

async function measure(federation: TestFederation, runs: number): Promise<BenchRow[]> {
  const user = await createSshUser(join(federation.data, '..'), 'alice');
  const rows: BenchRow[] = [];
  for (const [where, name, peer] of [['at home', 'a', 3], ['abroad', 'b', 5]] as const) {
    const { id } = federation.member(name);
    const all: number[] = [];
    await secondsToLogin(federation, user, id);
    while (all.length < runs) all.push(await secondsToLogin(federation, user, id));
    process.stdout.write(`login ${where}: ${runs} runs, ${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)} s\n`);
    const ours = median(all);
    rows.push({ what: `login ${where}, median`, ours, peer, unit: 's', ratio: peer / ours, goal: 1 });
  }
  return rows;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' }, 'port-base': { type: 'string', default: '29300' } }, strict: false });
  const federation = createFederation({ portBase: Number(values['port-base']) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void federation.dispose().finally(() => process.exit(130)));
  try {
    await federation.start();
    reportBench(await measure(federation, Number(values.runs)));
  } finally {
    await federation.dispose();
  }
}

void main();
