import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A whole HTTP/1.1 request as it goes over the wire. */
export function wireRequest(method: 'GET' | 'POST', path: string, headers: Readonly<Record<string, string>>, body?: unknown): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body);
  const all = { Host: '127.0.0.1', ...headers, ...(text ? { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(text)) } : {}) };
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`);
}

export interface Load {
  readonly port: number;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  /** Any other status fails the bench. */
  readonly status: number;
}

interface Connection {
  /** One at a time; `done` is called when the whole answer is there. */
  ask(request: Buffer, done: () => void): void;
  close(): void;
}

const NOTHING = Buffer.alloc(0);

/** As little as reads an answer with a Content-Length: the client shares its cores with what it measures. */
function openConnection(port: number, status: number, fail: (error: Error) => void): Connection {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let head: Buffer = NOTHING;
  let left = -1;
  let done = (): void => undefined;
  let closing = false;
  socket.on('error', fail);
  socket.on('close', () => { if (!closing) fail(new Error('The server closed a connection.')); });
  socket.on('data', (bytes: Buffer) => {
    if (left >= 0) left -= bytes.length;
    else {
      head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      left = bodyLength(head.toString('latin1', 0, end), status, fail) - (head.length - end - 4);
      head = NOTHING;
    }
    if (left > 0) return;
    left = -1;
    done();
  });
  return {
    ask(request, whenDone) {
      done = whenDone;
      socket.write(request);
    },
    close() {
      closing = true;
      socket.destroy();
    },
  };
}

function bodyLength(head: string, status: number, fail: (error: Error) => void): number {
  const seen = head.slice(9, 12);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (seen !== String(status) || length === undefined) fail(new Error(`Expected ${status} with a Content-Length, got:\n${head}`));
  return Number(length);
}

/** Answers a second when each of so many connections asks again as soon as it is answered. */
export function measureRate(load: Load, connections: number, seconds: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const all = Array.from({ length: connections }, () => openConnection(load.port, load.status, reject));
    let answered = 0;
    let over = false;
    const next = (connection: Connection): void => connection.ask(load.requests[answered % load.requests.length] as Buffer, () => {
      answered += 1;
      if (!over) next(connection);
    });
    for (const connection of all) next(connection);
    setTimeout(() => {
      over = true;
      resolve(answered / ((performance.now() - begun) / 1000));
      for (const connection of all) connection.close();
    }, seconds * 1000);
  });
}

/**
 * Milliseconds of each answer when requests come at an even rate, whether or not those before them are answered (open loop). The connections are open
 * before; a request that finds all of them taken waits, and its time runs.
 */
export async function measureLatencies(load: Load, connections: number, perSecond: number, seconds: number): Promise<number[]> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => { fail = reject; });
  const all = Array.from({ length: connections }, () => openConnection(load.port, load.status, fail));
  const took: number[] = [];
  const run = async (): Promise<void> => {
    await Promise.all(all.map((connection) => new Promise<void>((resolve) => connection.ask(load.requests[0] as Buffer, resolve))));
    await sendEvenly(load, all, perSecond, seconds, (ms) => took.push(ms));
  };
  await Promise.race([failed, run()]);
  for (const connection of all) connection.close();
  return took;
}

function sendEvenly({ requests }: Load, connections: readonly Connection[], perSecond: number, seconds: number, answered: (ms: number) => void): Promise<void> {
  return new Promise((resolve) => {
    const free = [...connections];
    const waiting: number[] = [];
    const begun = performance.now();
    let came = 0;
    let done = 0;
    const send = (connection: Connection, since: number): void => connection.ask(requests[came % requests.length] as Buffer, () => {
      answered(performance.now() - since);
      done += 1;
      const next = waiting.shift();
      if (next === undefined) free.push(connection);
      else send(connection, next);
    });
    const come = (): void => {
      came += 1;
      const connection = free.pop();
      if (connection) send(connection, performance.now());
      else waiting.push(performance.now());
    };
    const tick = (): void => {
      const elapsed = Math.min((performance.now() - begun) / 1000, seconds);
      while (came < elapsed * perSecond) come();
      if (elapsed < seconds || done < came) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
}

/** Milliseconds of so many requests of each load, one at a time and in turn, so that what disturbs one disturbs the others. */
export async function measureTimes(loads: readonly Load[], count: number): Promise<number[][]> {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => { fail = reject; });
  const sides = loads.map((load) => ({ load, connection: openConnection(load.port, load.status, fail), took: [] as number[] }));
  for (let index = 0; index < count; index += 1) {
    for (const { load, connection, took } of sides) {
      const asked = performance.now();
      await Promise.race([failed, new Promise<void>((resolve) => connection.ask(load.requests[index % load.requests.length] as Buffer, resolve))]);
      took.push(performance.now() - asked);
    }
  }
  for (const { connection } of sides) connection.close();
  return sides.map(({ took }) => took);
}

/** The value below which so large a part of the values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}
