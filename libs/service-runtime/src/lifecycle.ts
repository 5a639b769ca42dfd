import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { isFogbowError } from '@fogbow/plugin-contracts';
import { loadConfig, printableConfig } from './config.js';
import { createLogger, LOG_LEVELS } from './logger.js';
import type { Logger, LogLevel } from './logger.js';

/** Something that was started and must be stopped; parts are stopped in the reverse of the order in which they were added. */
export interface Part {
  readonly name: string;
  stop(): Promise<void> | void;
}

export interface ServiceContext {
  readonly values: SettingValues;
  readonly log: Logger;
  /** Variables that are not settings, such as FOGBOW_CRASH_AT. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when shutdown begins. */
  readonly signal: AbortSignal;
  /** Registers a started part for shutdown. */
  add(part: Part): void;
}

export interface ServiceDefinition {
  readonly name: string;
  readonly settings: SettingsTable;
  /** Faults beyond single values, such as settings of plugins; every one is listed before start. */
  check?(values: SettingValues): readonly string[];
  compose(context: ServiceContext): Promise<void>;
}

/** Settings that every service has. */
export const COMMON_SETTINGS = {
  'log.level': { type: 'string', default: 'info', oneOf: LOG_LEVELS, meaning: 'Least important log level that is written.' },
  'shutdown.grace': { type: 'duration', default: '10s', meaning: 'How long shutdown waits for work in progress.' },
} as const satisfies SettingsTable;

const USAGE = (name: string): string => `Usage: ${name} [--config FILE] [--check-config | --print-config | --help]

  --config FILE    YAML configuration; variables FOGBOW_<SETTING> override it
  --check-config   list every fault of the configuration and exit (1 when there is one)
  --print-config   show what is in force, without secrets, and exit
`;

/** The main function of every process: configuration → compose → run → drain on SIGTERM or SIGINT. */
export async function runService(definition: ServiceDefinition, argv = process.argv.slice(2), env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const args = readArguments(definition.name, argv);
  if (!args) return;
  const table = { ...COMMON_SETTINGS, ...definition.settings };
  const { values, faults: own } = loadConfig(table, { file: args.config, env });
  const faults = own.length > 0 ? own : [...own, ...(definition.check?.(values) ?? [])];
  if (args['print-config']) process.stdout.write(stringify(printableConfig(table, values)));
  if (faults.length > 0) {
    process.stderr.write(`${definition.name}: the configuration has ${faults.length} fault(s):\n${faults.map((text) => `  - ${text}\n`).join('')}`);
    process.exitCode = 1;
    return;
  }
  if (args['check-config']) process.stdout.write(`${definition.name}: the configuration is good.\n`);
  if (args['check-config'] || args['print-config']) return;
  await start(definition, values, env);
}

function readArguments(name: string, argv: string[]): { config?: string; 'check-config'?: boolean; 'print-config'?: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { config: { type: 'string' }, 'check-config': { type: 'boolean' }, 'print-config': { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (!values.help) return values;
    process.stdout.write(USAGE(name));
  } catch (error) {
    process.stderr.write(`${name}: ${(error as Error).message}\n${USAGE(name)}`);
    process.exitCode = 2;
  }
  return undefined;
}

async function start(definition: ServiceDefinition, values: SettingValues, env: NodeJS.ProcessEnv): Promise<void> {
  const log = createLogger(definition.name, values['log.level'] as LogLevel);
  const stopping = new AbortController();
  const parts: Part[] = [];
  const shutdown = once(async (why: string) => {
    log.info('stopping', { why });
    stopping.abort();
    const deadline = setTimeout(() => { log.warn('shutdown took too long'); process.exit(1); }, Number(values['shutdown.grace']));
    await stopParts(parts, log);
    clearTimeout(deadline);
    process.exit(process.exitCode ?? 0);
  });
  process.on('SIGTERM', () => void shutdown('SIGTERM'));
  process.on('SIGINT', () => void shutdown('SIGINT'));
  process.on('unhandledRejection', (error) => log.error('unhandled rejection', { error }));
  try {
    await definition.compose({ values, log, env, signal: stopping.signal, add: (part) => void parts.push(part) });
    log.info('ready', { pid: process.pid });
  } catch (error) {
    log.error('cannot start', { error });
    process.stderr.write(`${definition.name}: ${isFogbowError(error) ? error.message : `cannot start: ${(error as Error).message}`}\n`);
    process.exitCode = 1;
    await shutdown('failed start');
  }
}

async function stopParts(parts: Part[], log: Logger): Promise<void> {
  for (const part of parts.reverse()) {
    try {
      await part.stop();
    } catch (error) {
      log.warn('a part did not stop cleanly', { part: part.name, error });
    }
  }
}

function once<A>(action: (argument: A) => Promise<void>): (argument: A) => Promise<void> {
  let running: Promise<void> | undefined;
  return (argument) => (running ??= action(argument));
}
