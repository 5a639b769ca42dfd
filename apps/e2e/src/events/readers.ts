import { strict as assert } from 'node:assert';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { awaitEvent } from '../await-event.js';
import type { Site } from '../crash-safety/sites.js';
import type { FederationMember } from '../federation-file.js';

/** A message of a stream of events. */
export interface Notice {
  readonly position: number; readonly orderId: string; readonly batchId: string; readonly kind: string; readonly from: string | null; readonly to: string;
  readonly event: string; readonly reason: string | null; readonly at: string; readonly provider: string | null; readonly incarnation: number;
}

/** A reader that comes back whenever it is cut, with nothing but the position of what it saw last. */
export interface Reader {
  readonly name: string;
  /** As they came: what came twice is here twice. */
  readonly notices: Notice[];
  readonly cuts: number;
  /** Where it began. */
  readonly start: number;
  leave(): void;
}

/** Resolves when the connection is over, however that came. */
export type Connect = (address: string, token: string, onOpen: (position: number) => void, onNotice: (notice: Notice) => void, left: AbortSignal) => Promise<void>;

export const connectSse: Connect = (address, token, onOpen, onNotice, left) => new Promise((resolve) => {
  const request = http.get(address, { agent: false, signal: left, headers: { 'X-Auth-Token': token, Accept: 'text/event-stream' } }, (response) => {
    if (response.statusCode !== 200) return void response.resume().once('close', resolve);
    onOpen(Number(response.headers['fogbow-position']));
    let text = '';
    response.setEncoding('utf8').on('error', () => undefined).once('close', resolve).on('data', (part: string) => {
      const blocks = (text + part).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (/^event: order$/m.test(block)) onNotice(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Notice);
    });
  });
  request.once('error', () => resolve());
});

export const connectWebSocket: Connect = (address, token, onOpen, onNotice, left) => new Promise((resolve) => {
  const socket = new WebSocket(address.replace('http', 'ws'), { headers: { 'X-Auth-Token': token } });
  const leave = (): void => socket.terminate();
  left.addEventListener('abort', leave, { once: true });
  socket.on('error', () => undefined).once('close', () => {
    left.removeEventListener('abort', leave);
    resolve();
  });
  socket.on('upgrade', ({ headers }) => onOpen(Number(headers['fogbow-position']))).on('message', (data: Buffer) => onNotice(JSON.parse(data.toString()) as Notice));
});

const AGAIN_MS = 50;

/** One address after the other: a reader that was cut comes back at the next. */
export interface Source {
  readonly urls: readonly string[];
  readonly token: string;
}

export const sourceOf = ({ managerUrl, users }: FederationMember): Source => ({ urls: [managerUrl], token: users[0]?.token ?? '' });

export async function openReader(name: string, { urls, token }: Source, connect: Connect, query: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const left = new AbortController();
  const state = { name, notices: [] as Notice[], cuts: -1, start: -1, leave: () => left.abort() };
  const keepReading = async (): Promise<void> => {
    for (let turn = 0; !left.signal.aborted; turn += 1, await pause(AGAIN_MS)) {
      const last = state.notices.at(-1)?.position ?? (state.start < 0 ? undefined : state.start);
      const search = new URLSearchParams({ ...query, ...(last === undefined ? {} : { after: String(last) }) });
      await connect(`${urls[turn % urls.length]}/v1/events?${search}`, token, (position) => {
        state.cuts += 1;
        if (state.start < 0) state.start = position;
      }, (notice) => state.notices.push(notice), left.signal);
    }
  };
  void keepReading();
  await awaitEvent(`${name} is connected`, () => state.start >= 0, { timeoutMs: 10_000, everyMs: 20 });
  return state;
}

/** What the database holds behind a position, as a stream must have told it; its times are compared with the API's. */
async function truthAfter(site: Site, position: number): Promise<Omit<Notice, 'at'>[]> {
  return await site.rows<Omit<Notice, 'at'>>(`
    select id::int as position, order_id as "orderId", batch_id as "batchId", kind, from_state as "from", to_state as "to", event, reason, provider, incarnation
    from order_history where requester = '${site.id}' and id > ${position} order by id`);
}

/** Waits until the readers have all there is, and compares. Answers how much that was. */
export async function agree(site: Site, readers: readonly Reader[]): Promise<number> {
  let told = 0;
  for (const reader of readers) {
    const truth = await awaitEvent(`${reader.name} has everything`, async () => {
      const rows = await truthAfter(site, reader.start);
      return (reader.notices.at(-1)?.position ?? reader.start) === (rows.at(-1)?.position ?? reader.start) ? rows : undefined;
    }, { timeoutMs: 30_000, seen: () => reader.notices.at(-1) });
    assert.deepEqual(reader.notices.map(({ at: _at, ...rest }) => rest), truth, `${reader.name} differs from the history`);
    told += truth.length;
  }
  return told;
}
