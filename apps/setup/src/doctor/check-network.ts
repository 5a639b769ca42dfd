import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { Fault } from './check.js';
import type { Check } from './check.js';

/** What the world must find of a name: an address, and for components where their server is. */
export function checkName(name: string, address: string, server?: { readonly host: string; readonly port: number }): Check {
  return {
    name: `the name ${name}`, remedy: 'Publish the records of dns-records.zone in the zone of the domain.',
    async run() {
      const resolver = new Resolver({ timeout: 3000, tries: 2 });
      const found = await (address.includes(':') ? resolver.resolve6(name) : resolver.resolve4(name));
      if (!found.includes(address)) throw new Fault(`it is ${found.join(', ')} and not ${address}`);
      if (!server) return address;
      const records = await resolver.resolveSrv(`_xmpp-server._tcp.${name}`);
      if (!records.some((record) => record.name.replace(/\.$/, '') === server.host && record.port === server.port)) throw new Fault(`its servers are ${records.map((record) => `${record.name}:${record.port}`).join(', ')}, not ${server.host}:${server.port}`);
      return `${address}, served by ${server.host}:${server.port}`;
    },
  };
}

export interface Place {
  readonly host: string;
  readonly port: number;
  /** What is there. */
  readonly what: string;
}

export function checkOpen({ host, port, what }: Place, remedy: string): Check {
  return {
    name: `${what} at ${host}:${port}`, remedy,
    async run(signal) {
      (await dial(host, port, signal)).destroy();
      return 'open';
    },
  };
}

/** A wall that is not there is a failure too. `refused` counts: somebody is there, but nobody listens. */
export function checkClosed({ host, port, what }: Place, remedy: string): Check {
  return {
    name: `no way to ${what} at ${host}:${port}`, remedy,
    async run() {
      const met = await dial(host, port, AbortSignal.timeout(2000)).then((socket) => { socket.destroy(); return true; }, () => false);
      if (met) throw new Fault('it is open from here');
      return 'closed';
    },
  };
}

/** A port of the range on which nobody listens just now: that it is refused shows that the way is free; a wall is silent. */
export function checkReached({ host, port, what }: Place, remedy: string): Check {
  return {
    name: `${what} at ${host}:${port}`, remedy,
    async run(signal) {
      try {
        (await dial(host, port, signal)).destroy();
        return 'open';
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return 'reached; nobody listens there now';
        throw error;
      }
    },
  };
}

export interface TlsPlace extends Place {
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
  /** Name that the certificate must speak for, if it is not the host. */
  readonly name?: string;
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

export function checkCertificate({ host, port, what, ca, name = host }: TlsPlace, now: () => Date): Check {
  return {
    name: `the certificate of ${what}`, remedy: 'Put a certificate for this name into certificates/ of that host (tls.crt with those above it, tls.key); of a trial, run fogbow-setup again and give the others authority/ca.pem.',
    run: (signal) => new Promise((resolve, reject) => {
      const socket = connectByTls({ host, port, servername: name, ...(ca === undefined ? {} : { ca }) }, () => {
        const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - now().getTime()) / DAY_MS);
        socket.destroy();
        if (days < SOON_DAYS) reject(new Fault(`it ends in ${days} days`));
        else resolve(`trusted, for ${days} days more`);
      });
      socket.once('error', reject);
      signal.addEventListener('abort', () => socket.destroy(), { once: true });
    }),
  };
}

export function checkSshBanner({ host, port, what }: Place, remedy: string): Check {
  return {
    name: `${what} at ${host}:${port}`, remedy,
    async run(signal) {
      const socket = await dial(host, port, signal);
      const give = (): void => void socket.destroy(new Fault('it takes the connection and says nothing'));
      signal.addEventListener('abort', give, { once: true });
      try {
        const banner = await new Promise<string>((resolve, reject) => {
          socket.once('data', (bytes: Buffer) => resolve(String(bytes).split('\r\n')[0] ?? '')).once('error', reject).once('close', () => reject(new Fault('it ends the connection without a word')));
        });
        if (!banner.startsWith('SSH-2.0-')) throw new Fault(`something that is no SSH server answers: ${JSON.stringify(banner.slice(0, 60))}`);
        return banner;
      } finally {
        signal.removeEventListener('abort', give);
        socket.destroy();
      }
    },
  };
}

function dial(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const give = (): void => void socket.destroy(new Fault('no answer: a firewall on the way, or no such host'));
    signal.addEventListener('abort', give, { once: true });
    socket.once('error', reject).once('connect', () => {
      signal.removeEventListener('abort', give);
      resolve(socket.on('error', () => undefined));
    });
  });
}
