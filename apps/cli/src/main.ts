#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from './cli-error.js';
import { realHost } from './real-host.js';
import { runCli } from './run-cli.js';

/** The build writes package.json beside the bundle. */
function ownVersion(): string {
  try {
    return (JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return 'unknown';
  }
}

const ended = new AbortController();
// The second Ctrl-C does not wait for anything. While ssh runs, the first one is ssh's: our signal stops nothing there.
process.on('SIGINT', () => (ended.signal.aborted ? process.exit(EXIT.interrupted) : ended.abort()));
process.on('SIGTERM', () => ended.abort());
// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.refused));
process.stderr.on('error', () => undefined);

// eslint-disable-next-line no-restricted-properties -- a command line has no settings of a service: its environment is read here and handed on
const host = realHost({ env: process.env, version: ownVersion() }, ended.signal);
void runCli(process.argv.slice(2), host).then((status) => {
  process.exitCode = status;
  // Kept connections would hold the process for some seconds.
  process.stdout.write('', () => process.exit());
});
