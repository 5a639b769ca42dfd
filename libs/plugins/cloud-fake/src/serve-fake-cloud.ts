import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { NextFunction, Request, Response } from 'express';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { createControlApi } from './control-api.js';
import { createDataApi } from './data-api.js';
import type { FakeCloudState } from './fake-state.js';
import type { InProcessClient } from './in-process-client.js';

export interface FakeServerOptions {
  readonly state: FakeCloudState;
  readonly client: InProcessClient;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface FakeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the data API under /v1 and the control API under /control. Rejects when the port is taken. */
export async function serveFakeCloud({ state, client, host, port }: FakeServerOptions): Promise<FakeServer> {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(express.json({ limit: '1mb' }));
  app.get('/health', (_request, response) => void response.json({ status: 'ok' }));
  app.use('/v1', createDataApi(client));
  app.use('/control', createControlApi(state, client));
  app.use((request: Request) => {
    throw new FogbowError('not-found', `The fake cloud has no ${request.method} ${request.path}.`);
  });
  app.use(answerError);
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, close: () => closeServer(server) };
}

function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  const isParserFault = typeof error === 'object' && error !== null && 'type' in error;
  const known = isParserFault ? new FogbowError('bad-syntax', 'The body cannot be read.', { cause: error }) : asFogbowError(error);
  response.status(known.entry.httpStatus).json({ code: known.code, message: known.message });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
