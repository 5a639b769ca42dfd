import { execFile } from 'node:child_process';
import { createXmppLink, WHOISALIVE } from '@fogbow/messaging';
import { asFogbowError } from '@fogbow/plugin-contracts';
import { connectRedis } from '@fogbow/queues';
import { silentLogger } from '@fogbow/service-runtime';
import { Client } from 'pg';
import { Fault } from './check.js';
import type { Check } from './check.js';

const SKEW_MS = 2000;
/** More than this makes tokens of others fail (their life is counted in minutes) and certificates doubtful. */
const AHEAD = 'Let every host keep its time by NTP: timedatectl set-ntp true.';

export interface RedisPlace {
  readonly what: string;
  readonly url: string;
  readonly ca?: string;
  readonly now: () => Date;
}

/** Whether it takes our word, and whether its clock and ours agree. */
export function checkRedis({ what, url, ca, now }: RedisPlace): Check {
  return {
    name: what, remedy: 'Is it up (docker compose ps)? Its users are in config/redis; run fogbow-setup again, copy the folders to both hosts and restart Redis and those who use it.',
    async run(signal) {
      let fault: Error | undefined;
      const redis = connectRedis(url, 'producer', (error) => { fault ??= error; }, ca);
      const give = (): void => redis.disconnect();
      signal.addEventListener('abort', give, { once: true });
      try {
        await new Promise<void>((resolve, reject) => { redis.once('ready', () => resolve()).once('error', reject).once('close', () => reject(fault ?? new Error('it ends the connection'))); });
        const before = now().getTime();
        const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
        const skew = Math.abs(seconds * 1000 + micros / 1000 - (before + now().getTime()) / 2);
        if (skew > SKEW_MS) throw new Fault(`its clock and ours are ${(skew / 1000).toFixed(1)} s apart`, AHEAD);
        return `takes our word; clocks ${Math.round(skew)} ms apart`;
      } finally {
        signal.removeEventListener('abort', give);
        redis.disconnect();
      }
    },
  };
}

export function checkPostgres(url: string, now: () => Date): Check {
  return {
    name: 'PostgreSQL', remedy: 'Is it up (docker compose ps, docker compose logs postgres)? Its password is made at the first start and lies in secrets/postgres-password.',
    async run() {
      const client = new Client({ connectionString: url, connectionTimeoutMillis: 4000, query_timeout: 4000 });
      client.on('error', () => undefined);
      await client.connect();
      try {
        const { rows: [row] } = await client.query<{ version: string; at: Date; size: string }>("select split_part(version(), ' ', 2) as version, clock_timestamp() as at, pg_size_pretty(pg_database_size(current_database())) as size");
        const skew = Math.abs((row?.at.getTime() ?? 0) - now().getTime());
        if (skew > SKEW_MS) throw new Fault(`its clock and ours are ${(skew / 1000).toFixed(1)} s apart`, AHEAD);
        return `version ${row?.version}, ${row?.size}`;
      } finally {
        await client.end();
      }
    },
  };
}

export interface XmppPlace {
  readonly jid: string;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly ca?: string;
  /** A member to reach through our server and its. */
  readonly member?: string;
}

/** As a component of its own: to log in as the Manager would cut the Manager off. */
export function checkXmpp({ member, ...place }: XmppPlace): Check[] {
  const link = () => createXmppLink({ ...place, tls: true, log: silentLogger, reconnect: { baseMs: 60_000, capMs: 60_000 } });
  const login: Check = {
    name: 'a component logs in at our XMPP server', remedy: 'Look at docker compose logs prosody on the external host. Secrets of components are in config/prosody there: run fogbow-setup again, copy the folders to both hosts, restart prosody.',
    async run() {
      const opened = link();
      try {
        await opened.start();
        if (!opened.connected()) throw new Fault('it does not let us in');
        return `as ${place.jid}`;
      } finally {
        await opened.stop();
      }
    },
  };
  return member === undefined ? [login] : [login, checkMember(link, member)];
}

/** The member need not do what it is asked: that it answers at all shows both directions, since its server must find and believe ours to answer. */
function checkMember(link: () => ReturnType<typeof createXmppLink>, member: string): Check {
  return {
    name: `the member ${member} answers, server to server`,
    remedy: 'Do both see each other\'s names and port 5269 (doctor --host external on both)? Does each trust the other\'s certificate (trusted/ of a trial)? docker compose logs prosody on both external hosts says who refuses whom.',
    async run(signal) {
      const opened = link();
      try {
        await opened.start();
        await opened.request(member, WHOISALIVE, {}, { timeoutMs: 15_000, signal });
        return 'answers';
      } catch (error) {
        const { code, message } = asFogbowError(error);
        if (code === 'unavailable' || code === 'timeout') throw new Fault(message);
        return `answers (${code})`;
      } finally {
        await opened.stop();
      }
    },
  };
}

/** The Manager's own program asks its cloud, with its configuration and plugins. */
export function checkCloud(program: string, config: string): Check {
  return {
    name: 'the cloud and its credentials', remedy: 'See docs/clouds for the settings and credentials of the plugin; change the cloud\'s file and run fogbow-setup --cloud-file FILE.',
    run: (signal) => new Promise((resolve, reject) => {
      execFile(process.execPath, [program, '--config', config], { signal, timeout: 30_000 }, (error, stdout, stderr) => {
        try {
          const { ok, says } = JSON.parse(stdout) as { ok: boolean; says: string };
          if (ok) resolve(says);
          else reject(new Fault(says));
        } catch {
          reject(new Fault(error && !stderr ? error.message : stderr.trim().split('\n').at(-1) ?? 'it says nothing'));
        }
      });
    }),
  };
}
