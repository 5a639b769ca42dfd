import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SshHost } from '@fogbow/embedded-servers';
import { cloneRoot } from '../start-federation.js';
import type { Chapter } from '../story.js';
import type { HostsWorld } from './hosts-world.js';

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** The suites are jest's, as everywhere; jest is told of the host by ssh by its environment. */
export function conformance({ there, disk }: HostsWorld): Chapter {
  return {
    name: 'Conformance with real machines of QEMU',
    steps: [['cloud-hosts holds every rule of its contracts', async () => {
      const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, testResults } = await runSuites(there, disk);
      const names = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
      assert.equal(failed, 0, [...names, ...testResults.map(({ message }) => message)].join('\n'));
      assert(passed > 15, `only ${passed} rules were tried`);
      return `${passed} rules held, ${skipped} skipped with a reason`;
    }]],
  };
}

async function runSuites({ username, port, keyFile, hostKey }: SshHost, disk: string): Promise<Results> {
  const outputFile = join(cloneRoot(), '.cache', `hosts-conformance-${process.pid}.json`);
  const args = ['--testMatch', '**/cloud-hosts/src/testing/*.conformance.ts', '--json', `--outputFile=${outputFile}`];
  const child = spawn(process.execPath, [join(cloneRoot(), 'node_modules', 'jest', 'bin', 'jest.js'), ...args], {
    cwd: cloneRoot(), stdio: 'ignore', env: { ...process.env, FOGBOW_FAR_HOST: JSON.stringify({ at: `ssh://${username}@127.0.0.1:${port}`, keyFile, hostKey }), FOGBOW_MACHINE_DISK: disk }, timeout: 1_200_000,
  });
  try {
    await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
    return JSON.parse(readFileSync(outputFile, 'utf8')) as Results;
  } finally {
    rmSync(outputFile, { force: true });
  }
}
