/**
 * The JSON API beside a bare Express handler that answers the same bytes by one SQL query on the same PostgreSQL: requests a second of GET list, GET one
 * and POST one, in interleaved rounds; latencies at half of that load. Then lists, filters and single orders among 100,000 orders beside 1,000.
 * Options: --rounds N (default 7), --only rates | sizes.
 */
import { parseArgs } from 'node:util';
import { measureSizes } from './api-sizes.js';
import { measureApiRates } from './api-rates.js';
import { isBareExpress } from './bare-express.js';
import { reportBench } from './report.js';
import type { BenchRow } from './report.js';

async function main(): Promise<void> {
  if (await isBareExpress(process.argv.slice(2))) return;
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, only: { type: 'string' } }, strict: false });
  const rounds = Number(values.rounds);
  const rows: BenchRow[] = [];
  if (values.only !== 'sizes') rows.push(...await measureApiRates(rounds));
  if (values.only !== 'rates') rows.push(...await measureSizes(rounds));
  reportBench(rows);
}

void main();
