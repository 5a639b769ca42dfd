import { Redis } from 'ioredis';
import { readRedisAddress } from './redis-address.js';
import type { ConnectionOptions } from './redis-address.js';

/** `producer` fails at once while Redis is away (the database remembers the work); `worker` waits for it. */
export type ConnectionRole = 'producer' | 'worker';

/** A Redis connection for queues. `url`: see {@link readRedisAddress}; `ca`: certificates in PEM that are trusted for TLS in place of the usual ones. */
export function connectRedis(url: string, role: ConnectionRole, onError: (error: Error) => void, ca?: string): Redis {
  const options = role === 'producer'
    ? { maxRetriesPerRequest: 1, enableOfflineQueue: false, commandTimeout: 5000 }
    : { maxRetriesPerRequest: null };
  const shared: ConnectionOptions = {
    ...options, retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2000), enableReadyCheck: true,
    // A master that was made a replica takes nothing more: find the new one, and send it again there.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
  const address = readRedisAddress(url);
  const redis = 'url' in address ? new Redis(address.url, Object.assign(shared, ca === undefined ? {} : { tls: { ca } })) : new Redis(withTrust(Object.assign(shared, address.options), ca));
  redis.on('error', onError);
  return redis;
}

/** Sentinels that speak TLS prove themselves by the same authority as the servers that they name. */
const withTrust = (options: ConnectionOptions, ca: string | undefined): ConnectionOptions =>
  (ca !== undefined && options.enableTLSForSentinelMode ? Object.assign(options, { tls: { ca }, sentinelTLS: { ca } }) : options);
