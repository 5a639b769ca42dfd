import { Redis } from 'ioredis';

/** `producer` fails at once while Redis is away (the database remembers the work); `worker` waits for it. */
export type ConnectionRole = 'producer' | 'worker';

/** A Redis connection for queues. `url`: redis://host:port/db, rediss://… or unix:///path/of/socket; `ca`: certificates in PEM that are trusted for rediss:// in place of the usual ones. */
export function connectRedis(url: string, role: ConnectionRole, onError: (error: Error) => void, ca?: string): Redis {
  const options = role === 'producer'
    ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5000 }
    : { maxRetriesPerRequest: null };
  const shared = { ...options, retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2000), enableReadyCheck: true };
  const redis = url.startsWith('unix://') ? new Redis({ ...shared, path: url.slice('unix://'.length) }) : new Redis(url, { ...shared, ...(ca === undefined ? {} : { tls: { ca } }) });
  redis.on('error', onError);
  return redis;
}
