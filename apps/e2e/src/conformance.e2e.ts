/**
 * Holds every plugin to the rules of its contracts and writes docs/conformance.md. Plugins that need a real peer are tried where this machine has it or
 * can get it; what was not tried stays on the page as it was. Exit status 1 where a rule is broken. Options: --only NAME (in process, containers, hosts,
 * openstack …; may be given several times), --contract TEXT (as the page calls it: `switch of machines`), --check (write nothing; exit status 1 where the page says something else), --no-install.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mergeResults, readPage, writePage } from './conformance/conformance-page.js';
import { PEERS } from './conformance/peers.js';
import type { Endings } from './conformance/peers.js';
import { runSuites } from './conformance/run-suites.js';
import type { SuiteOutcome, SuiteRun } from './conformance/run-suites.js';
import { cloneRoot } from './start-federation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, contract: { type: 'string' }, check: { type: 'boolean', default: false }, 'no-install': { type: 'boolean', default: false } } });

const endings: Endings = [];
const end = async (): Promise<void> => {
  for (const one of endings.splice(0).reverse()) await one();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));

/** To the rules of one contract, where one is named. */
const narrowed = (run: SuiteRun): SuiteRun => (values.contract === undefined ? run : { ...run, args: [...run.args.filter((arg) => arg !== '-t' && arg !== ' as an? '), '-t', values.contract] });

async function tryAll(): Promise<SuiteOutcome> {
  const outcomes: SuiteOutcome[] = [];
  for (const peer of PEERS.filter(({ name }) => values.only?.includes(name) ?? true)) {
    const missing = peer.missing(!values['no-install'], say);
    if (missing !== undefined) {
      say(`${peer.name}: skipped. ${missing}`);
      continue;
    }
    const begun = performance.now();
    const outcome = await peer.start(say, endings).then((run) => runSuites(narrowed(run))).finally(end);
    const held = outcome.results.filter(({ outcome: { kind } }) => kind === 'holds').length;
    say(`${peer.name}: ${held} rules hold, ${outcome.results.length - held - outcome.faults.length} skipped, ${outcome.faults.length} broken (${((performance.now() - begun) / 1000).toFixed(0)} s)`);
    for (const fault of outcome.faults) say(`  ✗ ${fault}`);
    outcomes.push(outcome);
    // What was found must not wait for a peer that takes long, or never comes.
    if (!values.check) write(outcome.results);
  }
  return { results: outcomes.flatMap(({ results }) => results), faults: outcomes.flatMap(({ faults }) => faults) };
}

const file = join(cloneRoot(), 'docs', 'conformance.md');
const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const write = (results: SuiteOutcome['results']): void => writeFileSync(file, writePage(mergeResults(readPage(read()), results)));

async function main(): Promise<number> {
  const before = read();
  const { results, faults } = await tryAll();
  const page = writePage(mergeResults(readPage(before), results));
  if (values.check && page !== before) say('docs/conformance.md says something else: run npm run e2e -- conformance and look at what changed.');
  return faults.length > 0 || (values.check && page !== before) ? 1 : 0;
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
