import { execFile } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { Environment } from './environment.js';
import { joinChannel, startShellProcess } from './shell-process.js';
import type { ShellProcess } from './shell-process.js';

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

export interface Terminal extends ShellProcess {
  resize(size: TerminalSize): void;
}

/**
 * Runs a command on a real terminal. Node cannot open one, `script` can: it holds the far side and we tell the near side its size
 * with `stty`, by the name that the command reports on a fourth stream before it begins.
 */
export function openTerminal(channel: ServerChannel, command: readonly string[], start: { cwd: string; env: Environment; size: TerminalSize }): Terminal {
  const { cwd, env, size } = start;
  const begin = `tty >&3; exec 3>&-; stty sane ${sizeArguments(size).join(' ')}; export SHELL=${quote(env['SHELL'] ?? '/bin/sh')}; exec ${command.map(quote).join(' ')}`;
  const shell = startShellProcess(['script', '-qfec', begin, '/dev/null'], { cwd, env: { ...env, SHELL: '/bin/sh' }, withReport: true });
  let wanted = size;
  let device: string | undefined;
  const apply = (): void => {
    if (device !== undefined) execFile('stty', ['-F', device, ...sizeArguments(wanted)], { env }, () => undefined);
  };
  const report = shell.child.stdio[3] as Readable;
  report.on('error', () => undefined);
  report.once('data', (name: Buffer) => {
    device = name.toString().trim();
    if (wanted !== size) apply();
  });
  joinChannel(channel, shell);
  // `script` blocks SIGHUP. When it dies the terminal is closed, and the kernel hangs up on what ran there.
  channel.once('close', () => shell.signal('SIGKILL'));
  return {
    ...shell,
    resize(next) {
      wanted = next;
      apply();
    },
  };
}

function sizeArguments({ rows, cols }: TerminalSize): string[] {
  return ['rows', String(rows > 0 ? rows : 24), 'cols', String(cols > 0 ? cols : 80)];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
