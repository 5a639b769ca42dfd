import { existsSync } from 'node:fs';
import type { PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import { SHELL } from './environment.js';
import type { Admission } from './accounts.js';
import type { Environment } from './environment.js';
import { joinChannel, startShellProcess } from './shell-process.js';
import type { ShellProcess } from './shell-process.js';
import { openTerminal } from './terminal.js';
import type { Terminal, TerminalSize } from './terminal.js';

export interface SessionSetting extends Partial<Admission> {
  readonly home: string;
  readonly env: Environment;
  readonly motd: string;
}

const SFTP_SERVERS = ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server', '/usr/lib/ssh/sftp-server', '/usr/libexec/sftp-server'];
const CLIENT_VARIABLE = /^(?:LANG|LC_[A-Z]+)$/;

/** One session of a client: environment and terminal are asked for first, then one program is run. */
export function serveSession(session: Session, { home, env, motd, command: forced, mayHaveTerminal }: SessionSetting): void {
  let terminal: PseudoTtyInfo | undefined;
  let running: (ShellProcess & Partial<Terminal>) | undefined;
  let wishes: Environment = {};
  const run = (channel: ServerChannel, command: readonly string[]): void => {
    const environment = { ...env, ...wishes, ...(terminal ? { TERM: termOf(terminal) } : {}) };
    running = terminal
      ? openTerminal(channel, command, { cwd: home, env: environment, size: terminal })
      : startShellProcess(command, { cwd: home, env: environment });
    if (!terminal) joinChannel(channel, running);
  };
  session.on('error', () => undefined);
  session.on('env', (accept, reject, { key, val }: { key: string; val: string }) => {
    if (!CLIENT_VARIABLE.test(key)) return void reject?.();
    wishes = { ...wishes, [key]: val };
    accept?.();
  });
  session.on('pty', (accept, reject, info) => {
    if (mayHaveTerminal === false) return void reject?.();
    terminal = info;
    accept?.();
  });
  session.on('window-change', (accept, _reject, info: TerminalSize) => {
    running?.resize?.(info);
    accept?.();
  });
  session.on('signal', (accept, _reject, { name }: { name: string }) => {
    running?.signal(`SIG${name.replace(/^SIG/, '')}` as NodeJS.Signals);
    accept?.();
  });
  session.on('shell', (accept) => {
    const channel = accept();
    if (forced !== undefined) return run(channel, [SHELL, '-c', forced]);
    if (terminal) channel.write(motd.replaceAll('\n', '\r\n'));
    run(channel, [SHELL]);
  });
  session.on('exec', (accept, _reject, { command }) => run(accept(), [SHELL, '-c', forced ?? command]));
  session.on('subsystem', (accept: () => ServerChannel, reject: () => void, { name }: { name: string }) => {
    const program = SFTP_SERVERS.find((path) => existsSync(path));
    if (forced !== undefined) return run(accept(), [SHELL, '-c', forced]);
    if (name !== 'sftp' || program === undefined) return reject();
    terminal = undefined;
    run(accept(), [program]);
  });
}

/** Names of terminals stand in files of that name; anything else is not one. */
function termOf(info: PseudoTtyInfo): string {
  const term = (info as { term?: unknown }).term;
  return typeof term === 'string' && /^[\w.+-]{1,64}$/.test(term) ? term : 'xterm';
}
