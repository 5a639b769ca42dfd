import type { Router } from 'express';
import { connectRedis, JOBS, openQueueHandles, QUEUES } from '@fogbow/queues';
import type { QueueName } from '@fogbow/queues';
import { withCorrelation } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { BOARD_PATH } from './api/operator/board-path.js';
import { createOperatorGate } from './api/operator/operator-gate.js';
import type { Authenticate } from './api/authenticate.js';
import type { RateLimit } from './api/limit-rate.js';
import type { Ground } from './compose-parts.js';

interface BoardParts {
  readonly authenticate: Authenticate;
  readonly rate: RateLimit;
}

const OF_TUNNEL: readonly QueueName[] = [JOBS['grant-tunnels'].queue, JOBS['tunnel-event'].queue];

/** The board of the queues, its code loaded only where it is asked for. */
export async function composeBoard(context: ServiceContext, { values, redis, log }: Ground, { authenticate, rate }: BoardParts): Promise<Router | undefined> {
  if (values.operatorQueues === 'off') return undefined;
  const { createQueueBoard } = await import('./api/operator/queue-board.js');
  const onError = (error: Error): void => withCorrelation(undefined, () => log.warn(`board: ${error.message}`));
  const shown = (connection: typeof redis.producer, prefix: string, names: readonly QueueName[]) => {
    const handles = openQueueHandles({ connection, prefix, names, onError });
    context.add({ name: 'board', stop: async () => void await Promise.all(handles.map((handle) => handle.close())) });
    return { handles, isThere: () => connection.status === 'ready' };
  };
  const own = shown(redis.producer, values.redisPrefix, QUEUES.filter((name) => !OF_TUNNEL.includes(name)));
  const queues = [own];
  if (values.tunnelRedisUrl) {
    const connection = connectRedis(values.tunnelRedisUrl, 'producer', onError, values.tunnelRedisCa);
    context.add({ name: 'redis', stop: () => connection.disconnect() });
    queues.push(shown(connection, values.tunnelRedisPrefix, OF_TUNNEL));
  }
  const outside = values.publicUrl ? new URL(values.publicUrl).pathname.replace(/\/+$/, '') : '';
  return createQueueBoard({
    queues, basePath: `${outside}${BOARD_PATH}/`, title: `Queues of ${values.memberId}`, mayChange: values.operatorQueues === 'change',
    gate: createOperatorGate({ authenticate, admins: values.admins, rate }),
  });
}
