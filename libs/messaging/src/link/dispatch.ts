import { FogbowError } from '@fogbow/plugin-contracts';
import type { FederationMessage } from '../federation-message.js';
import type { MessageHandler } from '../federation-link.js';
import { encodeError } from './error-codec.js';
import type { Iq } from './stanza.js';

type AnyHandler = { readonly message: FederationMessage<unknown, unknown>; readonly handler: MessageHandler<unknown, unknown> };

export interface Dispatch {
  handle<Request, Reply>(message: FederationMessage<Request, Reply>, handler: MessageHandler<Request, Reply>): void;
  /** The answer to a request, or undefined when it comes later. Never rejects. */
  run(request: Iq): Promise<Iq | undefined>;
}

/** Which handler answers a request: by namespace and IQ type, as spec §3 lists them. */
export function createDispatch(failed: (error: unknown, request: Iq) => void): Dispatch {
  const handlers = new Map<string, AnyHandler>();
  return {
    handle(message, handler) {
      if (handlers.has(message.namespace)) throw new Error(`Two handlers for message ${message.name}.`);
      handlers.set(message.namespace, { message, handler } as unknown as AnyHandler);
    },
    async run(request) {
      try {
        const { message, handler } = handlerOf(handlers, request);
        const reply = await handler(request.from, message.decodeRequest(request.query as never), request.id);
        return reply === 'later' ? undefined : answerTo(request, { type: 'result', query: message.encodeReply(reply) });
      } catch (error) {
        failed(error, request);
        return answerTo(request, errorAnswer(request.query?.namespace, error));
      }
    },
  };
}

function handlerOf(handlers: ReadonlyMap<string, AnyHandler>, request: Iq): AnyHandler {
  const found = handlers.get(request.query?.namespace ?? '');
  if (!found || request.query?.name !== 'query') throw new FogbowError('method-not-allowed', 'This member does not know such a message.');
  if (found.message.iqType !== request.type) throw new FogbowError('bad-syntax', `The message ${found.message.name} is sent as ${found.message.iqType}.`);
  return found;
}

/** An error quotes the namespace it answers, so that the asker knows what it is about even after a restart. */
export function errorAnswer(namespace: string | undefined, error: unknown): Pick<Iq, 'type' | 'query' | 'error'> {
  return {
    type: 'error',
    query: namespace === undefined ? undefined : { name: 'query', namespace, attributes: {}, children: [] },
    error: encodeError(error),
  };
}

const answerTo = (request: Iq, answer: Pick<Iq, 'type' | 'query' | 'error'>): Iq => ({ id: request.id, from: request.to, to: request.from, ...answer });
