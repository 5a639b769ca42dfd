import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { Router, static as serveStatic } from 'express';
import type { RequestHandler } from 'express';
import type { openQueueHandles } from '@fogbow/queues';
import { BOARD_HEADERS, boardPage } from './board-page.js';
import { createBoardServer } from './board-server.js';
import { showPayload } from './show-payload.js';

export interface QueueBoardOptions {
  readonly queues: readonly ShownQueues[];
  /** As the browser sees it; ends with a slash. */
  readonly basePath: string;
  readonly title: string;
  readonly mayChange: boolean;
  /** Lets nobody pass but operators. */
  readonly gate: RequestHandler;
}

/** Queues of one Redis. While it is away they are not shown, since one question without an answer spoils the whole board. */
export interface ShownQueues {
  readonly handles: ReturnType<typeof openQueueHandles>;
  readonly isThere: () => boolean;
}

const OF_QUEUE = '/api/queues/:queueName';
const READS = ['/api/queues', '/api/redis/stats', ...['metrics', 'default-job-options', 'rate-limit', 'job-data-schema', ':jobId', ':jobId/logs', ':jobId/flow'].map((what) => `${OF_QUEUE}/${what}`)];
/** To add a job or to write its payload is not among them: a job may be a message in the name of the member. */
const CHANGES = ['retry/:queueStatus', 'clean/:queueStatus', 'promote', 'pause', 'resume', 'empty', ':jobId/retry', ':jobId/clean', ':jobId/promote'].map((what) => `${OF_QUEUE}/${what}`);

/** The queues as bull-board shows them (ADR 0027). What a job carries is shown in part, so that no secret is. Throws when the files of the page are not there. */
export function createQueueBoard({ queues, basePath, title, mayChange, gate }: QueueBoardOptions): Router {
  const folder = findPage();
  const template = readFileSync(join(folder, 'index.ejs'), 'utf8');
  const serves = new Set([...READS.map((path) => `GET ${path}`), ...(mayChange ? CHANGES.map((path) => `PUT ${path}`) : [])]);
  const server = createBoardServer({ basePath, serves, page: (uiConfig) => boardPage({ template, basePath, title, uiConfig }) });
  createBullBoard({
    queues: queues.flatMap(({ handles, isThere }) => handles.map((queue) => shownQueue(queue, mayChange, isThere))),
    serverAdapter: server.adapter,
    options: { uiBasePath: dirname(folder), uiConfig: { boardTitle: title, hideDocsLink: true, showWorkers: false } },
  });
  const headers: RequestHandler = (_request, response, next) => {
    response.set(BOARD_HEADERS);
    next();
  };
  return Router().use(headers, gate, server.router).use('/static', serveStatic(join(folder, 'static'), { index: false, maxAge: '1h' }));
}

function shownQueue(queue: ShownQueues['handles'][number], mayChange: boolean, isThere: () => boolean): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode: !mayChange });
  adapter.setFormatter('data', showPayload);
  adapter.setFormatter('returnValue', showPayload);
  adapter.setVisibilityGuard(isThere);
  return adapter;
}

/** Beside the bundle (finish-build.mjs), or where npm put it. */
function findPage(): string {
  const beside = join(__dirname, 'board');
  return existsSync(beside) ? beside : join(dirname(createRequire(__filename).resolve('@bull-board/ui/package.json')), 'dist');
}
