import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** One comparison. `ratio` is better the higher it is; below `goal` the bench has failed. */
export interface BenchRow {
  readonly what: string;
  readonly ours: number;
  /** What we compare with: a bare floor, another program, a limit. */
  readonly peer: number;
  readonly unit: string;
  readonly ratio: number;
  readonly goal: number;
}

export const holds = (row: BenchRow): boolean => row.ratio >= row.goal;

/** Markdown, so that it can be pasted into docs/benchmarks.md as it is. */
export function printTable(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [row.what, figure(row.ours), figure(row.peer), row.unit, figure(row.ratio), figure(row.goal), holds(row) ? 'yes' : 'NO']);
  const all = [['what', 'ours', 'peer', 'unit', 'ratio', 'goal', 'holds'], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  const lines = all.map((line) => `| ${line.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`);
  const rule = `|${widths.map((width, column) => (isText(column) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

const isText = (column: number): boolean => [0, 3, 6].includes(column);

/** Four significant figures, never in powers of ten. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

export function writeJson(file: string, rows: readonly BenchRow[]): void {
  writeFileSync(file, `${JSON.stringify(rows, undefined, 2)}\n`);
}

/** The end of every bench: the table, the file of `--json FILE`, and exit status 1 when a goal was missed. */
export function reportBench(rows: readonly BenchRow[], argv: readonly string[] = process.argv.slice(2)): void {
  const { values } = parseArgs({ args: [...argv], options: { json: { type: 'string' } }, strict: false });
  process.stdout.write(`${printTable(rows)}\n`);
  if (typeof values.json === 'string') writeJson(values.json, rows);
  if (!rows.every(holds)) process.exitCode = 1;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
