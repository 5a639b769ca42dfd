import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For tests: an HTTP server that answers by what is staged, and remembers what it was asked. */
export interface StagedEndpoint {
  readonly url: string;
  readonly seen: Seen[];
  /** Answers of one request (`GET /compute/`), one after the other; the last one stays. A string is a body of 200. */
  stage(request: string, ...answers: readonly (Answer | string)[]): void;
  close(): Promise<void>;
}

export interface Seen {
  readonly request: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection is cut, after the request was read. */
  readonly cut?: true;
}

export async function startStagedEndpoint(): Promise<StagedEndpoint> {
  const staged = new Map<string, Answer[]>();
  const seen: Seen[] = [];
  const answer = (request: string, response: ServerResponse): void => {
    const answers = staged.get(request) ?? [{ status: 404, body: 'Resource not found.' }];
    const { status = 200, headers = {}, body = '', cut } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    if (cut) response.destroy();
    else response.writeHead(status, { ...headers }).end(body);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const name = `${request.method ?? ''} ${request.url ?? ''}`;
      seen.push({ request: name, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      answer(name, response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stage: (request, ...answers) => void staged.set(request, answers.map((one) => (typeof one === 'string' ? { body: one } : one))),
    close: () => new Promise((closed) => {
      server.closeAllConnections();
      server.close(() => closed());
    }),
  };
}
