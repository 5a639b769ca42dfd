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
