import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { component } from '@xmpp/component';

/** What the library hands over for each stanza. */
interface LibraryElement {
  is(name: string): boolean;
  readonly attrs: Readonly<Record<string, string>>;
}

export interface BareEcho {
  /** Sends one request; resolves when its answer is back. */
  ask(): Promise<void>;
  stop(): Promise<void>;
}

export interface EchoEnd {
  readonly jid: string;
  readonly port: number;
  readonly secret: string;
}

/** The library as it comes, its own parser included, with nothing of ours above it: a fixed IQ there, a fixed IQ back. */
export async function openBareEcho(from: EchoEnd, to: EchoEnd): Promise<BareEcho> {
  const connect = async ({ jid, port, secret }: EchoEnd, heard: (item: LibraryElement) => void) => {
    const entity = component({ service: `xmpp://127.0.0.1:${port}`, domain: jid, password: secret });
    entity.on('error', () => undefined).on('stanza', heard);
    await entity.start();
    return entity;
  };
  const waiting = new Map<string, () => void>();
  const asker = await connect(from, ({ attrs }) => {
    const id = attrs['id'] ?? '';
    waiting.get(id)?.();
    waiting.delete(id);
  });
  const answerer = await connect(to, ({ attrs }) => {
    void answerer.write(`<iq type="result" id="${attrs['id']}" from="${to.jid}" to="${from.jid}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>i-1</id><state>RUNNING</state></instance></query></iq>`);
  });
  let next = 0;
  return {
    ask: () => new Promise((resolve) => {
      const id = `echo-${next += 1}`;
      waiting.set(id, resolve);
      void asker.write(`<iq type="get" id="${id}" from="${from.jid}" to="${to.jid}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>i-1</id></instance></query></iq>`);
    }),
    stop: async () => void await Promise.all([asker.stop(), answerer.stop()]),
  };
}

/** Sockets and patterns, without library and without parser: what Prosody itself can carry. */
export async function openSocketEcho(from: EchoEnd, to: EchoEnd): Promise<BareEcho> {
  const waiting = new Map<string, () => void>();
  const asker = await openSocket(from, (id) => {
    waiting.get(id)?.();
    waiting.delete(id);
  });
  const answerer = await openSocket(to, (id) => answerer.write(
    `<iq type="result" id="${id}" from="${to.jid}" to="${from.jid}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>i-1</id><state>RUNNING</state></instance></query></iq>`));
  let next = 0;
  return {
    ask: () => new Promise((resolve) => {
      const id = `socket-${next += 1}`;
      waiting.set(id, resolve);
      asker.write(`<iq type="get" id="${id}" from="${from.jid}" to="${to.jid}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>i-1</id></instance></query></iq>`);
    }),
    stop: async () => { for (const socket of [asker, answerer]) socket.destroy(); },
  };
}

/** `heard` gets the id of every IQ. */
async function openSocket({ jid, port, secret }: EchoEnd, heard: (id: string) => void) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay(true);
  let rest = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('data', (text: string) => {
      rest += text;
      const streamId = /<stream:stream[^>]* id='([^']+)/.exec(rest)?.[1];
      if (streamId) socket.write(`<handshake>${createHash('sha1').update(streamId + secret).digest('hex')}</handshake>`);
      if (rest.includes('<handshake')) resolve();
      if (streamId) rest = '';
      const end = rest.lastIndexOf('</iq>');
      if (end < 0) return;
      for (const match of rest.slice(0, end).matchAll(/<iq [^>]*?id='([^']+)'/g)) heard(match[1] as string);
      rest = rest.slice(end + '</iq>'.length);
    });
    socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${jid}'>`);
  });
  return socket;
}
