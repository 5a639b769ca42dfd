import { Socket } from 'node:net';

/** One end of a line between two processes. */
export interface MessageLine {
  send(message: object, handle?: Socket): void;
  onMessage(listener: (message: unknown, handle: unknown) => void): void;
}

type Handlers = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Calls by messages, in both directions over one line. An error arrives as its text. */
export interface MessageCalls {
  /** Rejects when the other side threw, or is lost. A socket among the arguments must be the last one. */
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  /** The other side is gone: whoever waits for it hears so. */
  lose(why: string): void;
}

interface Call { readonly call: string; readonly id: number; readonly args: readonly unknown[]; readonly withSocket: boolean }
interface Reply { readonly reply: number; readonly value?: unknown; readonly error?: string }

export function createMessageCalls(line: MessageLine, handlers: Handlers): MessageCalls {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let lost: string | undefined;
  const answer = async ({ call, id, args, withSocket }: Call, handle: unknown): Promise<void> => {
    const handler = Object.hasOwn(handlers, call) ? handlers[call] : undefined;
    try {
      if (!handler) throw new Error(`There is no call ${call}.`);
      // A connection that ended on its way arrives as nothing.
      const value = await handler(...[...args, ...(withSocket ? [handle ?? new Socket().destroy()] : [])] as never[]);
      line.send({ reply: id, value });
    } catch (error) {
      line.send({ reply: id, error: (error as Error).message });
    }
  };
  line.onMessage((message, handle) => {
    if (isReply(message)) {
      const asker = waiting.get(message.reply);
      waiting.delete(message.reply);
      if (message.error === undefined) asker?.resolve(message.value);
      else asker?.reject(new Error(message.error));
    } else if (isCall(message)) {
      void answer(message, handle);
    }
  });
  return {
    call: (method, args) => new Promise((resolve, reject) => {
      if (lost !== undefined) return reject(new Error(lost));
      const id = last += 1;
      const socket = args.at(-1) instanceof Socket ? args.at(-1) as Socket : undefined;
      waiting.set(id, { resolve, reject });
      line.send({ call: method, id, args: socket ? args.slice(0, -1) : args, withSocket: socket !== undefined } satisfies Call, socket);
    }),
    lose(why) {
      lost = why;
      for (const { reject } of waiting.values()) reject(new Error(why));
      waiting.clear();
    },
  };
}

const isReply = (message: unknown): message is Reply => typeof message === 'object' && message !== null && 'reply' in message;
const isCall = (message: unknown): message is Call => typeof message === 'object' && message !== null && 'call' in message;

/** An object whose methods are calls. */
export function remote<Contract extends object>(calls: MessageCalls, methods: readonly (keyof Contract & string)[]): Contract {
  return Object.fromEntries(methods.map((method) => [method, (...args: unknown[]) => calls.call(method, args)])) as Contract;
}
