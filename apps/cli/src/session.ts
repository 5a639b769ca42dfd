import { Option } from 'commander';
import type { Command } from 'commander';
import { createHttpConnection } from './api/http-connection.js';
import { createManagerClient } from './api/manager-client.js';
import type { ManagerClient } from './api/manager-client.js';
import { refused, usageError } from './cli-error.js';
import { chooseConnection } from './config/choose-connection.js';
import type { ConnectionChoice } from './config/choose-connection.js';
import { readIfThere } from './config/private-files.js';
import { openProfileStore } from './config/profile-store.js';
import type { Host } from './host.js';
import { renderJson } from './render/json.js';

export const OUTPUTS = ['table', 'json', 'occi'] as const;
export type Output = (typeof OUTPUTS)[number];

interface ConnectionOptions {
  readonly url?: string;
  readonly authToken?: string;
  readonly authFile?: string;
  readonly profile?: string;
  readonly output?: Output;
  readonly timeout?: string;
}

/** What a command that talks to a Manager works with. */
export interface Session {
  readonly host: Host;
  readonly client: ManagerClient;
  readonly connection: ConnectionChoice;
  readonly output: Output;
}

/** One result in its three renderings; only the wanted one is made. */
export interface Answer {
  readonly json: unknown;
  readonly table: () => string;
  readonly occi: () => string;
}

export const CONNECTION_GROUP = 'Connection and output:';
const DEFAULT_TIMEOUT_S = '30';

/** The options of every command that talks to a Manager. */
export function connected(command: Command): Command {
  const options = [
    new Option('--url <url>', 'address of the Manager (else FOGBOW_URL, then the profile)'),
    new Option('--auth-token <token>', 'token to show it (else FOGBOW_TOKEN, then the profile)'),
    new Option('--auth-file <file>', 'file that holds the token'),
    new Option('--profile <name>', 'profile to use (else FOGBOW_PROFILE, then the current one)'),
    new Option('--output <format>', 'how to show the result').choices(OUTPUTS),
    new Option('--timeout <seconds>', `how long to wait for an answer (${DEFAULT_TIMEOUT_S})`),
  ];
  for (const option of options) command.addOption(option.helpGroup(CONNECTION_GROUP));
  return command;
}

export function openSession(host: Host, command: Command, output: Output = 'table'): Session {
  const options = command.optsWithGlobals<ConnectionOptions>();
  const connection = connectionOf(host, options);
  const http = createHttpConnection({
    url: connection.url, timeoutMs: seconds(options.timeout ?? DEFAULT_TIMEOUT_S, '--timeout') * 1000, signal: host.signal,
    ...(connection.token ? { token: connection.token } : {}),
  });
  return { host, client: createManagerClient(http), connection, output: options.output ?? output };
}

/** Options win over the environment, and that over the profile. */
export function connectionOf(host: Host, options: ConnectionOptions): ConnectionChoice {
  const { env } = host.surroundings;
  const wishes = {
    url: options.url ?? (env['FOGBOW_URL'] || undefined),
    token: options.authToken ?? (options.authFile === undefined ? undefined : tokenIn(options.authFile)) ?? (env['FOGBOW_TOKEN'] || undefined),
    profileName: options.profile ?? (env['FOGBOW_PROFILE'] || undefined),
  };
  const choice = chooseConnection(wishes, openProfileStore(host).read());
  if (choice.token !== undefined) checkToken(choice.token);
  return choice;
}

export function tokenIn(file: string): string {
  const text = readIfThere(file);
  if (text === undefined) throw refused(`There is no file ${file}.`);
  if (text.trim() === '') throw refused(`${file} is empty: it should hold a token.`);
  return checkToken(text.trim());
}

/** A token travels in a header. */
export function checkToken(token: string): string {
  if (/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(token)) return token;
  throw usageError('The token has characters that no token has: it must be one line of printable ASCII.');
}

export function seconds(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 86_400) return value;
  throw usageError(`${option} takes seconds, more than 0 and at most 86400; "${text}" is not that.`);
}

export function show({ host, output }: Pick<Session, 'host' | 'output'>, answer: Answer): void {
  const text = output === 'json' ? renderJson(answer.json) : answer[output]();
  host.terminal.write(`${text}\n`);
}
