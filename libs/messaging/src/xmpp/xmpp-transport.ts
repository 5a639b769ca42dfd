import { FogbowError } from '@fogbow/plugin-contracts';
import { backoff, systemClock } from '@fogbow/service-runtime';
import type { Logger } from '@fogbow/service-runtime';
import { encodeStanza, MAX_DEPTH, MAX_STANZA } from '../link/stanza-transport.js';
import type { StanzaTransport, TransportListener } from '../link/stanza-transport.js';
import { addressOf } from '../link/address.js';
import { limitLog } from '../link/limited-log.js';
import { openClientSession } from './client-session.js';
import { openComponentSession } from './component-session.js';
import { isKeepAlive, keepAlive } from './keep-alive.js';
import type { Session, SessionListener } from './session.js';
import type { XmppLinkOptions } from './xmpp-link-options.js';

const DEFAULT_RECONNECT = { baseMs: 500, capMs: 15_000 };
const KEEP_ALIVE_MS = 30_000;
const MAX_BACKLOG = 16 * 1024 * 1024;
/** A connection that lasted as long was a good one: the next back-off starts anew. */
const STABLE_MS = 10_000;

/** Keeps one session open, for ever: after each loss the next attempt comes after a back-off with jitter. */
export function createXmppTransport(options: XmppLinkOptions): StanzaTransport {
  const stopping = new AbortController();
  let listener: TransportListener | undefined;
  let session: Session | undefined;
  let running: Promise<void> = Promise.resolve();
  const { baseMs, capMs } = options.reconnect ?? DEFAULT_RECONNECT;
  const address = addressOf(options.jid);
  const log = options.log.child({ component: options.jid });
  const foreign = limitLog(log);
  const complaints = createComplaints(log);
  const changed = (next: Session | undefined): void => {
    session = next;
    options.onStatus?.(next !== undefined);
    if (!next) listener?.disconnected();
  };
  const hold = async (attempt: number, firstTry: () => void): Promise<number> => {
    try {
      const opened = await openSession(options, stopping.signal, {
        stanza: (stanza) => { if (!isKeepAlive(stanza, address)) listener?.stanza(stanza); },
        skipped: (name) => foreign.warn('dropped a stanza that is too large, too deep or wrong in its namespaces', { name }),
      });
      if (stopping.signal.aborted) return await opened.close().then(() => 0);
      const since = systemClock.uptime();
      log.info('connected to the XMPP server');
      complaints.over();
      changed(opened);
      firstTry();
      const stopPings = keepAlive(opened, address, options.keepAliveMs ?? KEEP_ALIVE_MS);
      const why = await opened.ended;
      stopPings();
      changed(undefined);
      if (!stopping.signal.aborted) log.warn('lost the XMPP server', { why });
      return systemClock.uptime() - since > STABLE_MS ? 0 : attempt + 1;
    } catch (error) {
      firstTry();
      if (!stopping.signal.aborted) complaints.tell((error as Error).message, attempt);
      return attempt + 1;
    }
  };
  const keepConnected = async (firstTry: () => void): Promise<void> => {
    for (let attempt = 0; !stopping.signal.aborted;) {
      attempt = await hold(attempt, firstTry);
      if (!stopping.signal.aborted) await systemClock.sleep(backoff(Math.max(0, attempt - 1), baseMs, capMs), stopping.signal);
    }
  };
  return {
    listen: (wanted) => { listener = wanted; },
    connected: () => session !== undefined,
    start: () => new Promise((firstTry) => { running = keepConnected(firstTry); }),
    async stop() {
      stopping.abort();
      await session?.close();
      await running;
    },
    send: async (stanza) => await write(session, encodeStanza(stanza, options.maxStanza ?? MAX_STANZA)),
  };
}

async function write(session: Session | undefined, text: string): Promise<void> {
  if (!session) throw new FogbowError('unavailable', 'There is no connection to the XMPP server.');
  if (session.backlog() > MAX_BACKLOG) throw new FogbowError('unavailable', 'The XMPP server does not take our messages fast enough.');
  await session.write(text).catch((cause: unknown) => { throw new FogbowError('unavailable', 'The connection to the XMPP server was lost.', { cause }); });
}

/** A reason that is told already is not told again at every attempt. */
function createComplaints(log: Logger) {
  let told = '';
  return {
    tell(why: string, attempt: number): void {
      log[why === told ? 'debug' : 'warn']('cannot reach the XMPP server; trying on', { why, attempt });
      told = why;
    },
    over: (): void => { told = ''; },
  };
}

function openSession(options: XmppLinkOptions, signal: AbortSignal, listener: SessionListener): Promise<Session> {
  const { jid, secret, connectTimeoutMs = 5000 } = options;
  const common = { jid, secret, connectTimeoutMs, signal, limits: { maxStanza: MAX_STANZA, maxDepth: MAX_DEPTH, skipOversized: true } };
  if (!('url' in options)) return openComponentSession({ ...common, host: options.host, port: options.port, ...(options.tls ? { tls: options.ca === undefined ? {} : { ca: options.ca } } : {}) }, listener);
  return openClientSession({ ...common, url: options.url, ...(options.ca === undefined ? {} : { ca: options.ca }) }, listener);
}
