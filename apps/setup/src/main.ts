#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CommanderError } from 'commander';
import { systemClock } from '@fogbow/service-runtime';
import type { Ask } from './answers/gather-answers.js';
import { createProgram } from './create-program.js';
import { SetupFault } from './setup-fault.js';

const ask: Ask = async (question, proposal) => {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    for (;;) {
      const answer = (await terminal.question(`${question}${proposal ? ` [${proposal}]` : ''}: `)).trim() || proposal;
      if (answer) return answer;
    }
  } finally {
    terminal.close();
  }
};

/** Beside the bundle lies what the build put there. */
function ownVersion(): string {
  const file = join(__dirname, '..', 'cli', 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : 'unknown';
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SetupFault) {
    process.stderr.write(`fogbow-setup: ${error.message}\n`);
    return error.status;
  }
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const advice = code === 'EPERM' || code === 'EACCES' ? ' Run it as root, or with --owner UID:GID as that user.' : '';
  process.stderr.write(code ? `fogbow-setup: ${message}.${advice}\n` : `fogbow-setup: this is a fault of the program: ${stack}\n`);
  return 1;
}

// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => undefined);
void createProgram({
  templates: join(__dirname, 'deploy'), version: ownVersion(), ask: process.stdin.isTTY && process.stdout.isTTY ? ask : undefined,
  cloudProgram: join(__dirname, '..', 'manager', 'check-cloud', 'main.js'), fail: (status) => { process.exitCode = status; },
  write: (text) => void process.stdout.write(text), note: (text) => void process.stderr.write(text), now: systemClock.now,
}).parseAsync().then(() => undefined, (error: unknown) => { process.exitCode = statusOf(error); });
