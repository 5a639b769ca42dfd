import { createHash } from 'node:crypto';
import { connect } from 'node:net';

/** A component that proves its secret and then says whatever it is told to. */
export interface RawComponent {
  /** Resolves when it is handed over; false when the server has closed the connection. */
  say(text: string): Promise<boolean>;
  /** How many answers came, by the condition of an error or `result`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Resolves when an IQ of this id has come, or the connection is over. */
  answered(id: string): Promise<void>;
  isClosed(): boolean;
  close(): void;
}

const TIMEOUT_MS = 10_000;

export async function openRawComponent({ host, port, jid, secret }: { readonly host: string; readonly port: number; readonly jid: string; readonly secret: string }): Promise<RawComponent> {
  const socket = connect(port, host).setEncoding('utf8').setNoDelay(true);
  const answers = new Map<string, number>();
  const ids = new Set<string>();
  const watchers = new Set<() => void>();
  let received = '';
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${jid} was not let in: ${received}`)), TIMEOUT_MS);
    const settle = (action: () => void): void => { clearTimeout(timer); action(); };
    void closed.then(() => settle(() => reject(new Error(`${jid} was sent away: ${received}`))));
    let step = 0;
    socket.on('data', (text: string) => {
      received = (received + text).slice(-100_000);
      const id = /<stream:stream[^>]* id=['"]([^'"]+)/.exec(received)?.[1];
      if (step === 0 && id) {
        step = 1;
        socket.write(`<handshake>${createHash('sha1').update(id + secret).digest('hex')}</handshake>`);
      }
      if (step === 1 && received.includes('<handshake')) {
        step = 2;
        settle(resolve);
      }
      if (step === 2) received = tally(received, answers, ids);
      for (const watch of watchers) watch();
    });
  });
  socket.on('error', () => undefined);
  socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${jid}'>`);
  await ready;
  return {
    answers,
    answered: (id) => new Promise((resolve) => {
      const look = (): void => { if (ids.has(id) || socket.destroyed) { watchers.delete(look); resolve(); } };
      watchers.add(look);
      void closed.then(look);
      look();
    }),
    isClosed: () => socket.destroyed,
    say: (text) => new Promise((resolve) => {
      if (socket.destroyed || socket.writableEnded) return resolve(false);
      void closed.then(() => resolve(false));
      socket.write(text, (error) => resolve(!error));
    }),
    close: () => socket.destroy(),
  };
}

/** Counts the complete answers and gives back what follows them. */
function tally(text: string, answers: Map<string, number>, ids: Set<string>): string {
  let rest = text;
  for (let match = /<iq [^>]*?(?:\/>|>[\s\S]*?<\/iq>)/.exec(rest); match; match = /<iq [^>]*?(?:\/>|>[\s\S]*?<\/iq>)/.exec(rest)) {
    const kind = /<([a-z-]+) xmlns=['"]urn:ietf:params:xml:ns:xmpp-stanzas/.exec(match[0])?.[1] ?? 'result';
    ids.add(/ id=['"]([^'"]*)/.exec(match[0])?.[1] ?? '');
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
    rest = rest.slice(match.index + match[0].length);
  }
  return rest;
}
