// `npm test`: jest once over the whole workspace, then one line `N passed, N failed` at the very end.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { report, root, setup } from './setup.mjs';

function runJest(args, outputFile) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, '--json', `--outputFile=${outputFile}`, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  // Ctrl-C reaches jest too; it ends first, and we after it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 130 : code));
  });
}

/** A file that could not even be loaded has no tests to fail, so it counts as one. */
function summary(outputFile) {
  const result = JSON.parse(readFileSync(outputFile, 'utf8'));
  const unloaded = result.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const skipped = result.numPendingTests + result.numTodoTests;
  return { passed: result.numPassedTests, failed: result.numFailedTests + unloaded, skipped };
}

async function test() {
  await setup();
  const folder = join(root, '.cache', 'test-results');
  const outputFile = join(folder, `${process.pid}.json`);
  mkdirSync(folder, { recursive: true });
  rmSync(outputFile, { force: true });
  const status = await runJest(process.argv.slice(2), outputFile);
  let counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    counts = summary(outputFile);
  } catch {
    process.stderr.write('jest ended before it wrote its results.\n');
  }
  rmSync(outputFile, { force: true });
  process.exitCode = status !== 0 || counts.failed > 0 ? 1 : 0;
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`);
}

test().catch(report);
