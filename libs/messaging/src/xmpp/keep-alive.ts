import { newId } from '@fogbow/service-runtime';
import type { XmlElement } from '../xml/element.js';
import { element } from '../xml/element.js';
import { encodeStanza, MAX_STANZA } from '../link/stanza-transport.js';
import { encodeIq } from '../link/stanza.js';
import type { Session } from './session.js';

const PREFIX = 'keep-alive-';
const PING = 'urn:xmpp:ping';
const SILENT_PERIODS = 2;

/**
 * A firewall may forget a connection without a word, and TCP notices only after many minutes. So we send ourselves a ping
 * through the server, and give the connection up when nothing at all came for two periods. Returns what ends it.
 */
export function keepAlive(session: Session, jid: string, everyMs: number): () => void {
  // Counted in pings, not in time: a process that was held up itself must not blame the server.
  let heard = session.heard();
  let unanswered = 0;
  const timer = setInterval(() => {
    unanswered = session.heard() === heard ? unanswered + 1 : 0;
    heard = session.heard();
    if (unanswered > SILENT_PERIODS) return session.cut('the server is silent');
    const ping = encodeIq({ type: 'get', id: `${PREFIX}${newId()}`, from: jid, to: jid, query: element('ping', PING) });
    session.write(encodeStanza(ping, MAX_STANZA)).catch(() => undefined);
  }, everyMs);
  return () => clearInterval(timer);
}

/** Our own ping come home: heard, and of no further use. */
export function isKeepAlive(stanza: XmlElement, jid: string): boolean {
  const { from, id, to } = stanza.attributes;
  return from === jid && to === jid && id?.startsWith(PREFIX) === true;
}
