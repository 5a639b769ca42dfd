import type { LogFields, Logger } from '@fogbow/service-runtime';
import { limitLog } from './limited-log.js';

function record(): { log: Logger; lines: [string, LogFields | undefined][] } {
  const lines: [string, LogFields | undefined][] = [];
  const write = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { log, lines };
}

it('writes so many lines of all levels in a period, and then how many it left out', () => {
  const { log, lines } = record();
  let now = 0;
  const limited = limitLog(log, { lines: 2, periodMs: 1000, clock: { uptime: () => now } });
  for (const level of ['info', 'warn', 'error', 'info'] as const) limited[level](level);
  limited.child({}).warn('child');
  expect(lines.map(([message]) => message)).toEqual(['info', 'warn']);
  now = 1000;
  limited.info('again');
  expect(lines.slice(2)).toEqual([['lines about messages of others were left out', { lines: 3, seconds: 1 }], ['again', undefined]]);
});

it('cuts long texts', () => {
  const { log, lines } = record();
  limitLog(log).info('m', { long: 'x'.repeat(10_000), number: 7 });
  expect(lines).toEqual([['m', { long: `${'x'.repeat(300)}…`, number: 7 }]]);
});
