import { createLogger as createWinston, format, transports } from 'winston';
import { currentCorrelation } from './correlation.js';

export type LogFields = Record<string, unknown>;

/** JSON lines on standard output, each with the request id of the story that it belongs to. ERROR means that somebody must look; a refused request is INFO. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_KEY = /secret|password|token|authorization|privatekey|credential/i;
const MAX_DEPTH = 6;

/** A copy in which every value under a secret-looking key is masked, and errors are plain data with their causes. */
export function redact(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) return '…';
  if (value instanceof Error) {
    return { name: value.name, message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: redact(value.cause, depth + 1) }) };
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, SECRET_KEY.test(key) && typeof inner === 'string' ? '***' : redact(inner, depth + 1)]));
}

/** `output`: in place of standard output. */
export function createLogger(service: string, level: LogLevel = 'info', output?: NodeJS.WritableStream): Logger {
  const masked = format((info) => Object.assign(info, redact({ ...info }) as object));
  const winston = createWinston({
    level,
    format: format.combine(masked(), format.timestamp(), format.json()),
    transports: [output ? new transports.Stream({ stream: output }) : new transports.Console({ stderrLevels: [] })],
  });
  const write = (at: LogLevel, message: string, bound: LogFields, fields: LogFields | undefined): void => {
    if (!winston.isLevelEnabled(at)) return;
    const requestId = currentCorrelation()?.requestId;
    winston.log(at, message, { ...bound, ...(requestId === undefined ? {} : { requestId }), ...fields });
  };
  const wrap = (bound: LogFields): Logger => ({
    debug: (message, fields) => write('debug', message, bound, fields),
    info: (message, fields) => write('info', message, bound, fields),
    warn: (message, fields) => write('warn', message, bound, fields),
    error: (message, fields) => write('error', message, bound, fields),
    child: (fields) => wrap({ ...bound, ...fields }),
  });
  return wrap({ service });
}

const nothing = (): void => undefined;
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLogger };
