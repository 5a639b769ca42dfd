import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { BootStep, ConfigFile } from '@fogbow/request-model';
import type { MachineFolder } from '../machine-folder.js';
import type { Environment } from './environment.js';

/** Carries out the steps one after the other; what fails is told on the console and the next one follows. */
export async function runBoot(steps: readonly BootStep[], folder: MachineFolder, environment: Environment): Promise<void> {
  for (const step of steps) {
    try {
      await runStep(step, folder, environment);
    } catch (error) {
      console.log(`[boot] ${step.kind} failed: ${(error as Error).message}`);
    }
  }
  console.log('[boot] finished');
}

async function runStep(step: BootStep, folder: MachineFolder, environment: Environment): Promise<void> {
  switch (step.kind) {
    case 'note': return console.log(`[boot] ${step.text}`);
    case 'file': return writeInHome(step.file, folder.home);
    case 'command': return run(typeof step.command === 'string' ? ['/bin/sh', '-c', step.command] : step.command, folder, environment);
    case 'script': return run(placeScript(step.name, step.content, folder), folder, environment);
  }
}

/** The kernel reads the #! line; a script without one is for the shell. */
function placeScript(name: string, content: string, folder: MachineFolder): string[] {
  const file = join(folder.state, name);
  writeFileSync(file, content, { mode: 0o700 });
  return content.startsWith('#!') ? [file] : ['/bin/sh', file];
}

function run(command: readonly string[], folder: MachineFolder, environment: Environment): Promise<void> {
  const [program = '', ...args] = command;
  console.log(`[boot] ${command.map((word) => word.replace(folder.path, '')).join(' ')}`);
  return new Promise((done, failed) => {
    const child = spawn(program, args, { cwd: folder.home, env: environment, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', failed);
    child.once('exit', (code, signal) => {
      if (code === 0) done();
      else failed(new Error(signal === null ? `it exited with status ${code}` : `it was ended by ${signal}`));
    });
  });
}

/** The machine owns its home only: `~/x`, `x`, `/root/x` and `/home/anybody/x` lie there, all else is refused. */
export function placeInHome(path: string, home: string): string | undefined {
  const isThere = path.startsWith(home + sep);
  const target = resolve(home, isThere ? path : path.replace(/^(?:~|\/root|\/home\/[^/]+)\//, './'));
  return target.startsWith(home + sep) ? target : undefined;
}

function writeInHome(file: ConfigFile, home: string): void {
  const target = placeInHome(file.path, home);
  if (target === undefined) throw new Error(`${file.path} lies outside of the machine's home`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, file.content, { mode: file.mode, flag: file.append ? 'a' : 'w' });
}
