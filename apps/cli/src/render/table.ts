import { printable } from './printable.js';

export interface Column<Item> {
  readonly title: string;
  readonly value: (item: Item) => string | number | undefined | null;
  readonly align?: 'right';
}

/** Columns as wide as their widest value; the last one is cut to fit. Without items: the sentence. */
export function renderTable<Item>(items: readonly Item[], columns: readonly Column<Item>[], { none, width = Infinity }: { readonly none: string; readonly width?: number }): string {
  if (items.length === 0) return none;
  const cells = [columns.map(({ title }) => title), ...items.map((item) => columns.map(({ value }) => cellOf(value(item))))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells.map((row) => fit(row.map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align)).join('  ').trimEnd(), width)).join('\n');
}

/** `name  value` lines; those without a value are left out. */
export function renderFields(fields: readonly (readonly [string, string | number | undefined | null])[]): string {
  const present = fields.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${printable(String(value))}`).join('\n');
}

const cellOf = (value: string | number | undefined | null): string => (value === undefined || value === null || value === '' ? '-' : printable(String(value)));
const pad = (cell: string, width: number, align: 'right' | undefined): string => (align ? cell.padStart(width) : cell.padEnd(width));
const fit = (line: string, width: number): string => (line.length > width && width > 1 ? `${line.slice(0, width - 1)}…` : line);
