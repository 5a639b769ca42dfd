import type { Redis } from 'ioredis';
import type { TunnelEndpoint } from '@fogbow/queues';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { PortRange } from '../ports/port-table.js';
import { ALIVE_MS, endpointsOf, FORGOTTEN_MS, hostIdOf, isOpenElsewhere, readHostWord } from './host-list.js';
import type { HostWord } from './host-list.js';
import type { PoolClock } from './pool-clock.js';

export interface HostRegisterOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly own: { readonly endpoint: TunnelEndpoint; readonly ports: PortRange; sessions(): number };
  readonly foreign: { look(): Promise<void>; list(): readonly number[] };
  readonly poolClock: PoolClock;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The hosts of one tunnel, each of which says every two seconds that it is there. While Redis is away the last that was known holds. */
export interface HostRegister {
  endpoints(): ReturnType<typeof endpointsOf>;
  isOpenElsewhere(port: number): boolean;
  /** Somebody new is there. */
  lookAgain(): void;
  /** For the status page: silence in milliseconds. */
  list(): readonly HostStatus[];
  stop(): Promise<void>;
}

export interface HostStatus {
  readonly dial: string;
  readonly publicHost: string;
  readonly isAlive: boolean;
  readonly silentMs: number;
  readonly sessions: number;
}

const EVERY_MS = 2000;

/** Resolves when this host has said that it is there and has heard the others, or could not. */
export async function joinHosts(options: HostRegisterOptions): Promise<HostRegister> {
  const { own, poolClock, clock, log } = options;
  const stopping = new AbortController();
  const warned = new Set<string>();
  let hosts: readonly HostWord[] = [];
  let round = 0;
  const say = async (): Promise<void> => {
    // Alone on the port range nobody needs to know what else is bound here.
    if (hosts.length > 1) await options.foreign.look();
    hosts = await exchange(options);
    for (const { endpoint, ports } of hosts) {
      if ((ports.from === own.ports.from && ports.to === own.ports.to) || warned.has(hostIdOf(endpoint))) continue;
      warned.add(hostIdOf(endpoint));
      log.warn('another host of the tunnel has another range of public ports: new services get what both have', { host: hostIdOf(endpoint), ...ports });
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(EVERY_MS, stopping.signal);
      if (!stopping.signal.aborted) await say().catch((error: unknown) => { if (round % 30 === 0) log.debug('the other hosts cannot be heard', { error }); });
      round += 1;
    }
  };
  await say().catch((error: unknown) => log.debug('the other hosts cannot be heard', { error }));
  const running = run();
  return {
    endpoints: () => endpointsOf(own.endpoint, hosts, poolClock.now()),
    lookAgain: () => void exchange(options).then((now) => { hosts = now; }, () => undefined),
    isOpenElsewhere: (port) => isOpenElsewhere(own.endpoint, hosts, poolClock.now())(port),
    list: () => hosts.map(({ endpoint, sessions, at }) => {
      const silentMs = Math.max(0, poolClock.now() - at);
      return { dial: hostIdOf(endpoint), publicHost: endpoint.publicHost, isAlive: silentMs <= ALIVE_MS, silentMs, sessions };
    }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Writes our word and reads those of all; who has been silent for a day is dropped. */
async function exchange({ redis, prefix, own, foreign, poolClock, clock, log }: HostRegisterOptions): Promise<readonly HostWord[]> {
  const key = `${prefix}:hosts`;
  const askedAt = clock.uptime();
  const [seconds = 0, micros = 0] = await redis.time();
  poolClock.heard(Number(seconds) * 1000 + Number(micros) / 1000, askedAt);
  const word: HostWord = { endpoint: own.endpoint, ports: { from: own.ports.from, to: own.ports.to }, foreign: foreign.list(), sessions: own.sessions(), at: poolClock.now() };
  await redis.hset(key, hostIdOf(own.endpoint), JSON.stringify(word));
  const hosts: HostWord[] = [];
  for (const [id, text] of Object.entries(await redis.hgetall(key))) {
    const host = readHostWord(text);
    if (!host || poolClock.now() - host.at > FORGOTTEN_MS) await redis.hdel(key, id);
    else hosts.push(host);
    if (!host) log.warn('what a host said of itself cannot be read', { host: id });
  }
  return hosts.sort((a, b) => (hostIdOf(a.endpoint) < hostIdOf(b.endpoint) ? -1 : 1));
}
