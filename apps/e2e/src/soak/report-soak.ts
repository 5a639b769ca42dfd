import { quantileOf } from '../quantiles.js';
import { KEPT_TABLES } from './judge-soak.js';
import type { Verdict } from './judge-soak.js';
import type { OrderRecord, Sample, SoakLog } from './soak-log.js';

/** docs/soak.md: what was run, what was seen, and what it means. `plot`: how the page finds its picture. */
export function reportSoak(log: SoakLog, verdict: Verdict, plot: string): string {
  const { start, samples, orders, end } = log;
  const minutes = Math.round((samples.at(-1)?.seconds ?? 0) / 60);
  const figure = (share: number): string => quantileOf(samples.map(({ load }) => load), share).toFixed(0);
  return [
    '# Soak', '',
    `\`npm run soak -- --minutes ${start.minutes} --rate ${start.rate}\`: two members as \`npm start\` makes them, with a Prosody each and cloud-local, so that every machine is a process that dials the tunnel. Users of both wish, by turns, ${start.rate} machines a minute;`,
    'each is waited for, every fifth is logged in to with `ssh`, of as many the port is looked at, and all are deleted after four seconds. Every sixth must be served by the other member, and A has room for two, so that more go there by themselves.',
    'Every 15 s it looks at every process, PostgreSQL, Redis and the queues, and writes what it saw at once: Ctrl-C gives the page of what there is, and `--from FILE` makes it anew.', '',
    `**${wordOf(verdict, log)}** It ran ${minutes} of ${start.minutes} minutes, from ${start.at}${end ? '' : ' (not ended yet, or stopped early)'}; the host had other work too: its load was ${figure(0.5)} in the middle and ${figure(1)} at most; ${Object.entries(start.about).map(([what, value]) => `${what} ${value}`).join(', ')}.`, '',
    ...verdict.faults.map((fault) => `- ${fault}`), ...(verdict.faults.length > 0 ? [''] : []),
    `![Memory, heap, files, connections, Redis, queues and latencies over the run](${plot})`, '',
    '## Orders', '', ...orderTable(orders), '',
    '## What could grow', '',
    'Level and growth by the least of each of thirty windows of the last three quarters, and the median of all slopes between them (Theil and Sen), so that what comes and goes with the load counts for nothing and a few wild values bend nothing.',
    'Garbage is collected by force once a minute, in all processes of ours: what is left is no garbage.', '',
    ...growthTable(verdict), '',
    '## Rows and logs', '', ...rowsTable(samples), '',
    'These grow by design until what is in them is older than `keep.history`, `keep.removals` or a day (idempotency keys) say; every other table is judged above.', '',
  ].join('\n');
}

function wordOf({ faults, isLongEnough }: Verdict, { end }: SoakLog): string {
  if (!isLongEnough) return 'Too short to say anything about an hour.';
  if (faults.length > 0) return `${faults.length} fault(s).`;
  return `Flat: nothing grows that should not, and every process is the one that it was${end ? '; nothing was left at the end' : ''}.`;
}

function orderTable(orders: readonly OrderRecord[]): string[] {
  const kinds: [string, (order: OrderRecord) => boolean][] = [
    ['all', () => true], ['served at home', isAtHome], ['served by the other member', (order) => order.provider !== undefined && !isAtHome(order)], ['with a login', ({ look }) => look === 'login'],
  ];
  const seconds = (values: readonly number[], share: number): string => (values.length === 0 ? '–' : (quantileOf(values, share) / 1000).toFixed(2));
  return [
    '| orders | number | went wrong | reachable after s: half | 95 of 100 | longest | gone after s: half | 95 of 100 |', '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...kinds.map(([name, is]) => {
      const these = orders.filter(is);
      const came = these.flatMap(({ fulfilledMs }) => (fulfilledMs === undefined ? [] : [fulfilledMs]));
      const went = these.flatMap(({ goneMs, deletedMs }) => (goneMs === undefined || deletedMs === undefined ? [] : [goneMs - deletedMs]));
      return `| ${name} | ${these.length} | ${these.filter(({ fault }) => fault !== undefined).length} | ${seconds(came, 0.5)} | ${seconds(came, 0.95)} | ${seconds(came, 1)} | ${seconds(went, 0.5)} | ${seconds(went, 0.95)} |`;
    }),
  ];
}

const isAtHome = ({ asked, provider }: OrderRecord): boolean => provider === `manager.${asked}.fogbow.local`;

function growthTable({ judged, isLongEnough }: Verdict): string[] {
  const word = (holds: boolean): string => (isLongEnough ? (holds ? 'yes' : 'NO') : 'too short');
  const shown = judged.filter(({ what, level, perHour }) => !['rows', 'jobs waiting'].includes(what) || level !== 0 || perHour !== 0);
  return [
    '| what | of | level | growth an hour | allowed | holds |', '|---|---|--:|--:|--:|---|',
    ...shown.map(({ what, of, unit, level, perHour, bound, holds }) => `| ${what} | ${of} | ${[level.toFixed(1), unit].filter(Boolean).join(' ')} | ${perHour.toFixed(2)} | ${bound.toFixed(1)} | ${word(holds)} |`),
    ...(shown.length < judged.length ? ['', `Not shown: ${judged.length - shown.length} queues and tables that were empty and stayed so.`] : []),
  ];
}

function rowsTable(samples: readonly Sample[]): string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return ['Nothing was seen.'];
  const kept = Object.keys(last.rows).filter((table) => KEPT_TABLES.includes(table.split('.')[1] ?? ''));
  return ['| | at first | at last |', '|---|--:|--:|', ...kept.map((table) => `| ${table} | ${first.rows[table] ?? 0} | ${last.rows[table]} |`), `| log files, KiB | ${first.logKb} | ${last.logKb} |`];
}
