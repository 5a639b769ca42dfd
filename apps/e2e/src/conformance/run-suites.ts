import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneRoot } from '../start-federation.js';
import { readRuleResults } from './rule-result.js';
import type { JestAssertion, RuleResult } from './rule-result.js';

interface JestReport {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly (JestAssertion & { readonly failureMessages: readonly string[] })[] }[];
}

export interface SuiteRun {
  /** Of jest, beside what it needs to report. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What jest said of the rules, and why those do not hold that do not. */
export interface SuiteOutcome {
  readonly results: readonly RuleResult[];
  readonly faults: readonly string[];
}

const LIMIT_MS = 1_200_000;
const FAULT_LINES = 6;

/** The suites are jest's, in a process of its own; it is told by its environment where the real peer is. */
export async function runSuites({ args, env = {} }: SuiteRun): Promise<SuiteOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-conformance-'));
  const outputFile = join(folder, 'results.json');
  const root = cloneRoot();
  try {
    const child = spawn(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), '--rootDir', root, ...args, '--json', `--outputFile=${outputFile}`], {
      cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'], timeout: LIMIT_MS,
    });
    let said = '';
    child.stderr.on('error', () => undefined).on('data', (bytes: Buffer) => { said = (said + String(bytes)).slice(-10_000); });
    await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (!existsSync(outputFile)) throw new Error(`jest ended before it wrote its results: ${said.slice(-500)}`);
    const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as JestReport;
    const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
    const results = whatWasTried(readRuleResults(assertions));
    if (results.length === 0) throw new Error(`No rule was tried: ${testResults.map(({ message }) => message).join(' ').slice(0, 500)}`);
    const faults = assertions.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => `${fullName}\n${(failureMessages[0] ?? '').split('\n').slice(0, FAULT_LINES).join('\n')}`);
    return { results, faults };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run may be narrowed to one contract: of the others jest tells the rules that skip themselves all the same. */
export function whatWasTried(results: readonly RuleResult[]): RuleResult[] {
  const key = ({ subject, contract }: RuleResult): string => `${subject} as ${contract}`;
  const tried = new Set(results.filter(({ outcome }) => outcome.kind !== 'skipped').map(key));
  return results.filter((one) => tried.has(key(one)));
}

/** For a step of a story: how many rules hold, and which were skipped; throws where one does not. */
export async function sayWhatHolds(run: SuiteRun): Promise<string> {
  const { results, faults } = await runSuites(run);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const skipped = results.flatMap(({ rule, outcome }) => (outcome.kind === 'skipped' ? [`${rule} (${outcome.because})`] : []));
  return `${results.length - skipped.length} rules hold${skipped.length > 0 ? `; skipped: ${skipped.join('; ')}` : ''}`;
}
