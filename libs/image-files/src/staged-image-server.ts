import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For tests: a web server with one file, which it serves as well or badly as it is told. */
export interface StagedImageServer {
  readonly url: string;
  /** The headers of every request so far. */
  readonly asked: IncomingHttpHeaders[];
  /** Serves this content from now on, with an entity tag that follows from it. */
  serve(content: Buffer, behaviour?: Behaviour): void;
  close(): Promise<void>;
}

export interface Behaviour {
  /** Answers to the first requests; the others are served well. */
  readonly first?: readonly ('cut' | 'silent' | 'stall' | number)[];
  /** Where a cut or stalled body ends. Default: half. */
  readonly cutAt?: number;
  readonly lacks?: readonly ('etag' | 'ranges' | 'length')[];
  /** Told before each piece of a body; the body waits for it. */
  piece?(sent: number): Promise<void>;
  readonly headers?: Readonly<Record<string, string>>;
}

const PIECE = 65_536;

export async function stageImageServer(): Promise<StagedImageServer> {
  let content: Buffer = Buffer.alloc(0);
  let behaviour: Behaviour = {};
  let count = 0;
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    const way = behaviour.first?.[count++];
    response.on('error', () => undefined);
    if (way === 'silent') return;
    if (typeof way === 'number') return void response.writeHead(way).end();
    void answer(response, request.headers, { content, behaviour, way }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/images/one.img?token=secret`, asked,
    serve(next, how = {}) {
      [content, behaviour, count] = [next, how, 0];
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Way {
  readonly content: Buffer;
  readonly behaviour: Behaviour;
  readonly way: 'cut' | 'stall' | undefined;
}

async function answer(response: ServerResponse, headers: IncomingHttpHeaders, { content, behaviour, way }: Way): Promise<void> {
  const { lacks = [], piece, cutAt = Math.floor(content.length / 2) } = behaviour;
  const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
  const wanted = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  const isRest = wanted !== undefined && headers['if-range'] === etag && !lacks.includes('ranges');
  const from = isRest ? Number(wanted) : 0;
  if (isRest && from >= content.length) return void response.writeHead(416).end();
  response.writeHead(isRest ? 206 : 200, {
    ...(lacks.includes('length') ? {} : { 'Content-Length': content.length - from }), ...(lacks.includes('etag') ? {} : { ETag: etag }),
    ...(isRest ? { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}), ...behaviour.headers,
  });
  const closed = once(response, 'close');
  const end = way === undefined ? content.length : Math.max(cutAt, from);
  for (let at = from; at < end && !response.destroyed; at += PIECE) {
    await piece?.(at);
    if (!response.write(content.subarray(at, Math.min(at + PIECE, end)))) await Promise.race([once(response, 'drain'), closed]);
  }
  if (way === 'stall') return;
  if (way === 'cut') response.destroy();
  else response.end();
}
