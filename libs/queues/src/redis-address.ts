import type { RedisOptions } from 'ioredis';
import { FogbowError } from '@fogbow/plugin-contracts';

/** What ioredis takes: an address in one text, or options where no such text exists. */
export type RedisAddress = { readonly url: string } | { readonly options: ConnectionOptions };
/** Of ioredis; the one that is left out decides over the types of its replies. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

const SENTINELS = /^sentinel(s?):\/\/(?:([^:@/]*):([^@/]*)@)?([^/@?]+)\/([^/?]+)(?:\/(\d+))?(?:\?sentinelPassword=([^&]+))?$/;
const SENTINEL_PORT = 26_379;

/**
 * Reads redis://…, rediss://…, unix:///path, and `sentinel://user:password@HOST:PORT,HOST:PORT/NAME/DB?sentinelPassword=…` (`sentinels://` by TLS):
 * these ask the Sentinels which server is the master called NAME, again after each fail-over. User, password, port, DB and the password of the
 * Sentinels themselves may be left out; words are written as in any URL.
 */
export function readRedisAddress(text: string): RedisAddress {
  if (text.startsWith('unix://')) return { options: { path: text.slice('unix://'.length) } };
  if (!/^sentinels?:/.test(text)) return { url: text };
  const found = SENTINELS.exec(text);
  if (!found) throw new FogbowError('bad-syntax', 'The address of Redis cannot be read: sentinel://user:password@HOST:PORT,HOST:PORT/NAME/DB is what it should look like.');
  const [, secure, user, password, hosts = '', name = '', db, sentinelPassword] = found;
  return {
    options: {
      name: decodeURIComponent(name), sentinels: hosts.split(',').map(readHost), failoverDetector: true,
      // Asked again soon: a fail-over takes seconds, and who waits is a duty or an order.
      sentinelRetryStrategy: (times) => Math.min(100 * times, 1000),
      ...(db === undefined ? {} : { db: Number(db) }),
      ...(user ? { username: decodeURIComponent(user) } : {}), ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(sentinelPassword === undefined ? {} : { sentinelPassword: decodeURIComponent(sentinelPassword) }),
      ...(secure ? { enableTLSForSentinelMode: true, tls: {}, sentinelTLS: {} } : {}),
    },
  };
}

/** HOST, HOST:PORT or [IPv6]:PORT. */
function readHost(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new FogbowError('bad-syntax', `The address of a Sentinel cannot be read: ${text}`);
  return { host, port: Number(port ?? SENTINEL_PORT) };
}
