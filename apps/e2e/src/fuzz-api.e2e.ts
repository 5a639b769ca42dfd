/**
 * Random requests against a live Manager: headers, categories, attributes, links and JSON, right ones bent at random and pure nonsense.
 * No answer may be a fault of the server, none may be late, and afterwards the server must do its work as before. Exit status 0 only
 * then. Options: --requests N (default 10000), --seed N (default: random, shown), --port-base N (default 31400).
 */
import http from 'node:http';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { createApiClient } from './api-client.js';
import { awaitEvent } from './await-event.js';
import { randomRequest } from './fuzz/random-request.js';
import { SLOW_REQUESTS } from './fuzz/slow-requests.js';
import { sendRaw } from './raw-request.js';
import type { RawRequest } from './raw-request.js';
import { reconfigure } from './reconfigure.js';
import { runStory } from './run-story.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const AT_ONCE = 8;
/** Far above what any of these requests takes on a busy machine, far below what quadratic time would. */
const LATE_MS = 5000;
const MOST_FAULTS = 20;

interface Findings {
  readonly faults: string[];
  readonly statuses: Map<number, number>;
  slowestMs: number;
}

async function tryOne(url: string, token: string, request: RawRequest, agent: http.Agent, found: Findings): Promise<void> {
  const begun = performance.now();
  const headers = { 'X-Auth-Token': token, ...request.headers };
  const answer = await sendRaw(url, { ...request, headers }, agent).catch((error: unknown) => (error as Error).message);
  const tookMs = performance.now() - begun;
  found.slowestMs = Math.max(found.slowestMs, tookMs);
  const shown = (): string => JSON.stringify(request).slice(0, 600);
  if (typeof answer === 'string') return void found.faults.push(`no answer (${answer}) to ${shown()}`);
  found.statuses.set(answer.status, (found.statuses.get(answer.status) ?? 0) + 1);
  if (answer.status >= 500) found.faults.push(`${answer.status} to ${shown()}: ${answer.body.slice(0, 200)}`);
  if (tookMs > LATE_MS) found.faults.push(`${Math.round(tookMs)} ms for ${shown()}`);
}

async function fire(federation: TestFederation, requests: readonly RawRequest[]): Promise<Findings> {
  const { managerUrl, users: [user] } = federation.member('a');
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const found: Findings = { faults: [], statuses: new Map(), slowestMs: 0 };
  let next = 0;
  const shooter = async (): Promise<void> => {
    for (let request = requests[next++]; request && found.faults.length < MOST_FAULTS; request = requests[next++]) await tryOne(managerUrl, user?.token ?? '', request, agent, found);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, shooter));
  agent.destroy();
  return found;
}

/** The very process that was shot at is ready, and orders still become machines and go. */
async function isHealthy(federation: TestFederation, pidBefore: number): Promise<void> {
  const { pid, healthUrl } = federation.process('manager-a');
  if (pid !== pidBefore) throw new Error('The Manager died and was started anew.');
  const { origin, pathname } = new URL(healthUrl ?? '');
  const health = await sendRaw(origin, { method: 'GET', path: pathname });
  if (health.status !== 200) throw new Error(`It says of itself: ${health.status} ${health.body}`);
  const client = createApiClient(federation.member('a'));
  await client.removeAll();
  await awaitEvent('the orders of the storm are gone', async () => (await client.list()).length === 0, { timeoutMs: 120_000 });
  const [id = ''] = await client.submit({ flavor: 'fogbow_small' });
  await awaitEvent('an order is served', async () => (await client.show(id))?.state === 'fulfilled');
  await client.remove(id);
  await awaitEvent('and goes', async () => await client.show(id) === undefined);
}

async function storm(federation: TestFederation, count: number, seed: number): Promise<string[]> {
  await federation.start();
  await reconfigure(federation, 'manager-a', 'limits: { requestsPerMinute: 10000000 }');
  const { pid } = federation.process('manager-a');
  const random = await fire(federation, fc.sample(randomRequest, { numRuns: count, seed }));
  const statuses = [...random.statuses].sort(([left], [right]) => left - right).map(([status, times]) => `${status}: ${times}`).join(', ');
  say(`${count} random requests (seed ${seed}): ${statuses}; slowest ${Math.round(random.slowestMs)} ms`);
  const slow = await fire(federation, SLOW_REQUESTS);
  say(`${SLOW_REQUESTS.length} requests as long as allowed; slowest ${Math.round(slow.slowestMs)} ms`);
  const sick = await isHealthy(federation, pid).then(() => [], (error: unknown) => [`not healthy: ${(error as Error).message}`]);
  return [...random.faults, ...slow.faults, ...sick];
}

const { values } = parseArgs({ options: { requests: { type: 'string', default: '10000' }, seed: { type: 'string' }, 'port-base': { type: 'string', default: '31400' } } });
runStory({
  open(endings) {
    const federation = createFederation({ portBase: Number(values['port-base']), args: ['--cloud-a', 'cloud-fake', '--cloud-b', 'cloud-fake'] });
    endings.push(() => federation.dispose());
    return Promise.resolve(federation);
  },
  async tell(federation) {
    const faults = await storm(federation, Number(values.requests), Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)));
    for (const fault of faults) say(`✗ ${fault}`);
    say(faults.length === 0 ? '✓ no fault, nothing late, and healthy afterwards' : `${faults.length} faults`);
    return faults.length === 0;
  },
});
