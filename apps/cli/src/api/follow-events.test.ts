import { Readable } from 'node:stream';
import { CliError, EXIT } from '../cli-error.js';
import { followEvents } from './follow-events.js';
import type { FollowOptions } from './follow-events.js';
import type { EventView } from './views.js';

const event = (position: number): EventView => ({ position, orderId: 'o', to: 'open', event: 'submitted', at: '2030-01-01T00:00:00Z' });
const message = (position: number): string => `id: ${position}\ndata: ${JSON.stringify(event(position))}\n\n`;

/** Each connection gives what the script says: a text, or an error. */
async function follow(script: readonly (string | Error)[], options: Partial<FollowOptions> = {}): Promise<{ positions: number[]; asked: (number | undefined)[]; breaks: string[]; error?: unknown }> {
  const ended = new AbortController();
  const [positions, asked, breaks]: [number[], (number | undefined)[], string[]] = [[], [], []];
  const connect = (after: number | undefined): Promise<Readable> => {
    const next = script[asked.length];
    asked.push(after);
    if (next === undefined) {
      ended.abort();
      return Promise.reject(new Error('over'));
    }
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(Readable.from([Buffer.from(next)]));
  };
  try {
    for await (const { position } of followEvents({ connect, signal: ended.signal, retryMs: 1, onBreak: (reason) => breaks.push(reason), ...options })) positions.push(position);
    return { positions, asked, breaks };
  } catch (error) {
    return { positions, asked, breaks, error };
  }
}

test('goes on behind the last event after a break, and shows none twice', async () => {
  const { positions, asked, breaks } = await follow([message(1) + message(2), message(2) + message(3), message(4)]);
  expect(positions).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual([undefined, 2, 3, 4]);
  expect(breaks).toHaveLength(3);
});

test('goes on from the place that the stream told, also when no event came before the break', async () => {
  const { asked, positions } = await follow([`retry: 1000\nid: 7\n\n`, `: still here\nid: 9\n\nid: 10`, message(10)]);
  expect(asked).toEqual([undefined, 7, 9, 10]);
  expect(positions).toEqual([10]);
});

test('begins behind the given position', async () => {
  expect((await follow([message(5)], { after: 4 })).asked[0]).toBe(4);
});

test('a Manager that restarts is waited for; a token that ended is not', async () => {
  const down = new CliError('down', EXIT.unreachable);
  const starting = new CliError('starting', EXIT.refused, { status: 503 });
  const over = new CliError('Unauthorized user.', EXIT.refused, { status: 401 });
  const { positions, error } = await follow([message(1), down, starting, message(2), over, message(3)]);
  expect(positions).toEqual([1, 2]);
  expect(error).toBe(over);
});

test('a Manager that cannot be reached at first is an error', async () => {
  const down = new CliError('down', EXIT.unreachable);
  expect((await follow([down, message(1)])).error).toBe(down);
});

test('what is no event is passed over', async () => {
  expect((await follow([`data: hello\n\ndata: {"position":"x"}\n\n${message(1)}`])).positions).toEqual([1]);
});

test('a silent connection is given up', async () => {
  const silent = new Readable({ read: () => undefined });
  const ended = new AbortController();
  const breaks: string[] = [];
  const events = followEvents({ connect: () => Promise.resolve(silent), signal: ended.signal, silenceMs: 5, onBreak: (reason) => { breaks.push(reason); ended.abort(); } });
  expect((await events.next()).done).toBe(true);
  expect(breaks).toEqual(['nothing came for too long']);
});
