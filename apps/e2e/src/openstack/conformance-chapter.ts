import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SITE_VARIABLE } from '@fogbow/embedded-servers';
import type { RunningOpenStack } from '@fogbow/embedded-servers';
import { cloneRoot } from '../start-federation.js';
import type { Chapter } from '../story.js';

interface Results {
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages: readonly string[] }[] }[];
}

const SUITES = {
  'a compute cloud, and its identity': 'as a compute cloud', 'a catalogue of images': 'as a catalogue of images', 'a network cloud': 'as a network cloud', 'a volume cloud': 'as a volume cloud',
  'an attachment cloud': 'as an attachment cloud', 'a switch of machines': 'as a switch of machines',
};

/** The suites of libs/plugin-conformance over the plugin, each rule on an empty project. */
export function conformance(cloud: Pick<RunningOpenStack, 'siteFile'>): Chapter {
  return { name: 'Conformance: the contracts, held by the plugin over the real services', steps: Object.entries(SUITES).map(([name, suite]) => [name, () => runSuite(cloud, suite)] as const) };
}

async function runSuite({ siteFile }: Pick<RunningOpenStack, 'siteFile'>, suite: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-conformance-'));
  const outputFile = join(folder, 'results.json');
  try {
    const root = cloneRoot();
    const args = [join(root, 'node_modules/jest/bin/jest.js'), '--rootDir', root, '-c', join(root, 'apps/e2e/src/openstack/conformance.jest.cjs'), '-t', suite, '--json', `--outputFile=${outputFile}`];
    const words = await new Promise<string>((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, [SITE_VARIABLE]: siteFile }, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('error', () => undefined).on('data', (bytes: Buffer) => { said += String(bytes); });
      child.once('error', reject).once('close', () => resolve(said));
    });
    if (!existsSync(outputFile)) throw new Error(`jest ended before it wrote its results: ${words.slice(-500)}`);
    return verdict(JSON.parse(readFileSync(outputFile, 'utf8')) as Results, suite);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verdict({ testResults }: Results, suite: string): string {
  const rules = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ fullName }) => fullName.includes(suite));
  const failed = rules.filter(({ status }) => status === 'failed');
  if (failed.length > 0) throw new Error(failed.map(({ fullName, failureMessages }) => `${fullName}\n${(failureMessages[0] ?? '').split('\n').slice(0, 6).join('\n')}`).join('\n'));
  const passed = rules.filter(({ status }) => status === 'passed').length;
  if (passed === 0) throw new Error(`No rule was tried: ${testResults.map(({ message }) => message).join(' ').slice(0, 500)}`);
  const skipped = rules.filter(({ status }) => status === 'pending').map(({ fullName }) => /\b([A-Z]\d[a-z-]*): .*\(skipped: (.*)\)$/.exec(fullName)).flatMap((match) => (match ? [`${match[1]} (${match[2]})`] : []));
  return `${passed} rules hold${skipped.length > 0 ? `; skipped: ${skipped.join('; ')}` : ''}`;
}
