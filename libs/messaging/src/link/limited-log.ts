import type { Clock, LogFields, Logger } from '@fogbow/service-runtime';
import { systemClock } from '@fogbow/service-runtime';

export interface LogLimits {
  /** Lines in a period; what comes beyond is counted, and the count told with the first line of the next. */
  readonly lines: number;
  readonly periodMs: number;
  readonly clock: Pick<Clock, 'uptime'>;
}

const DEFAULTS: LogLimits = { lines: 20, periodMs: 10_000, clock: systemClock };
const MAX_TEXT = 300;

/** For lines that strangers can cause: neither their number nor their length is up to them. Debug lines are not counted. */
export function limitLog(log: Logger, { lines, periodMs, clock }: LogLimits = DEFAULTS): Logger {
  let begun = clock.uptime();
  let written = 0;
  let withheld = 0;
  const allowed = (): boolean => {
    if (clock.uptime() - begun >= periodMs) {
      if (withheld > 0) log.warn('lines about messages of others were left out', { lines: withheld, seconds: Math.round((clock.uptime() - begun) / 1000) });
      [begun, written, withheld] = [clock.uptime(), 0, 0];
    }
    if (written >= lines) withheld += 1;
    else written += 1;
    return withheld === 0;
  };
  const wrap = (inner: Logger): Logger => ({
    debug: (message, fields) => inner.debug(message, fields && short(fields)),
    info: (message, fields) => { if (allowed()) inner.info(message, fields && short(fields)); },
    warn: (message, fields) => { if (allowed()) inner.warn(message, fields && short(fields)); },
    error: (message, fields) => { if (allowed()) inner.error(message, fields && short(fields)); },
    child: (fields) => wrap(inner.child(fields)),
  });
  return wrap(log);
}

const short = (fields: LogFields): LogFields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value]));
