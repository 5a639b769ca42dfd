import { quantileOf } from '../quantiles.js';
import { leastOfWindows } from './growth.js';
import type { Point } from './growth.js';
import { handlesOf, memoryMb, seriesOf } from './judge-soak.js';
import type { OrderRecord, Sample, SoakLog } from './soak-log.js';

interface Panel {
  readonly title: string;
  readonly series: readonly [name: string, points: readonly Point[]][];
}

const WIDTH = 980;
const HEIGHT = 190;
const LEFT = 60;
const RIGHT = 180;
const TOP = 28;
const BOTTOM = 26;
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf', '#8c564b', '#e377c2', '#7f7f7f', '#bcbd22'];
/** Points of one line: more than there are pixels nobody sees. */
const MOST_POINTS = 240;

/** The run as one picture, a panel for each kind of quantity. A whole SVG document without fonts, scripts or links of its own. */
export function plotSoak(log: SoakLog): string {
  const panels = panelsOf(log).filter(({ series }) => series.length > 0);
  const longest = Math.max(60, ...log.samples.map(({ seconds }) => seconds), ...log.orders.map(({ seconds }) => seconds));
  const drawn = panels.map((panel, index) => drawPanel(panel, index * HEIGHT, longest));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${panels.length * HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${panels.length * HEIGHT}" fill="#ffffff"/>`, ...drawn, '</svg>', '',
  ].join('\n');
}

function panelsOf({ samples, orders }: SoakLog): Panel[] {
  const processes = (read: (process: Sample['processes'][string], name: string) => number | undefined, skip: readonly string[] = ['machines']) => thin(seriesOf(samples, (sample) =>
    Object.fromEntries(Object.entries(sample.processes).filter(([name]) => !skip.includes(name)).map(([name, process]) => [name, read(process, name)]))));
  const single = (name: string, read: (sample: Sample) => number) => thin(seriesOf(samples, (sample) => ({ [name]: read(sample) })));
  return [
    { title: 'Memory of each process, MiB (RSS; of PostgreSQL the mean of its processes, without what they share)', series: processes(memoryMb) },
    { title: 'JavaScript heap after a full collection, MiB', series: processes(({ heapKb }) => (heapKb === undefined ? undefined : heapKb / 1024)) },
    { title: 'Open file descriptors (of PostgreSQL the mean of its processes)', series: processes(handlesOf) },
    { title: 'Connections to PostgreSQL, by database', series: thin(seriesOf(samples, ({ connections }) => connections)) },
    { title: 'Redis: keys', series: single('keys', ({ redis }) => redis.keys) },
    { title: 'Redis: memory, MiB', series: single('memory', ({ redis }) => redis.usedKb / 1024) },
    { title: 'Jobs waiting in all queues; machines; load of the host', series: [...single('jobs', ({ queues }) => Object.values(queues).reduce((sum, count) => sum + count, 0)), ...single('machines', ({ machines }) => machines), ...single('load', ({ load }) => load)] },
    { title: 'From the wish to the machine that can be reached, seconds (of each five minutes)', series: latencies(orders, ({ fulfilledMs }) => fulfilledMs) },
    { title: 'From the wish to delete to the last trace, seconds (of each five minutes)', series: latencies(orders, ({ deletedMs, goneMs }) => (goneMs === undefined ? undefined : goneMs - (deletedMs ?? 0))) },
  ];
}

const SLICE_SECONDS = 300;

function latencies(orders: readonly OrderRecord[], read: (order: OrderRecord) => number | undefined): [string, Point[]][] {
  const slices = new Map<number, number[]>();
  for (const order of orders) {
    const ms = read(order);
    const slice = Math.floor(order.seconds / SLICE_SECONDS);
    if (ms !== undefined) slices.set(slice, [...slices.get(slice) ?? [], ms / 1000]);
  }
  const line = (share: number): Point[] => [...slices].sort(([one], [other]) => one - other)
    .map(([slice, values]) => ({ seconds: (slice + 0.5) * SLICE_SECONDS, value: quantileOf(values, share) }));
  return slices.size === 0 ? [] : [['half of them', line(0.5)], ['95 of 100', line(0.95)]];
}

/** The least of each window: what is judged is drawn. */
const thin = (series: readonly [string, Point[]][]): [string, readonly Point[]][] => series.map(([name, points]) => [name, points.length > MOST_POINTS ? leastOfWindows(points, MOST_POINTS) : points]);

function drawPanel({ title, series }: Panel, top: number, longest: number): string {
  const highest = niceAbove(Math.max(1, ...series.flatMap(([, points]) => points.map(({ value }) => value))));
  const x = (seconds: number): string => (LEFT + (seconds / longest) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number): string => (top + HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => share * highest)
    .map((value) => `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="#dddddd"/><text x="${LEFT - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${Number(value.toPrecision(3))}</text>`);
  const ticks = minutesOf(longest).map((minute) => `<text x="${x(minute * 60)}" y="${top + HEIGHT - BOTTOM + 14}" text-anchor="middle">${minute} min</text>`);
  const lines = series.map(([name, points], index) => {
    const colour = COLOURS[index % COLOURS.length] as string;
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.3" points="${points.map((point) => `${x(point.seconds)},${y(point.value)}`).join(' ')}"/>`
      + `<text x="${WIDTH - RIGHT + 10}" y="${top + TOP + 4 + index * 13}" fill="${colour}">${escape(name)}: ${figure(points.at(-1)?.value ?? NaN)}</text>`;
  });
  return [`<text x="${LEFT}" y="${top + 18}" font-weight="bold">${escape(title)}</text>`, ...grid, ...ticks, ...lines].join('\n');
}

const escape = (text: string): string => text.replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));

/** 1, 2 or 5 times a power of ten, or a quarter step between, whichever is next above. */
export function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value) ?? 10);
}

function minutesOf(seconds: number): number[] {
  const minutes = seconds / 60;
  const step = [1, 2, 5, 10, 15, 20, 30, 60].find((each) => minutes / each <= 10) ?? 120;
  return Array.from({ length: Math.floor(minutes / step) + 1 }, (_, index) => index * step);
}
