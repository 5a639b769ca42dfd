import type { FederationMessage } from '../federation-message.js';
import type { LateReplyListener, Outcome } from '../federation-link.js';
import type { Logger } from '@fogbow/service-runtime';
import { decodeError } from './error-codec.js';
import type { Iq } from './stanza.js';

type AnyListener = { readonly message: FederationMessage<never, unknown>; readonly listener: LateReplyListener<unknown> };

export interface LateReplies {
  listen<Request, Reply>(message: FederationMessage<Request, Reply>, listener: LateReplyListener<Reply>): void;
  /** Remembers which message an id was posted with, for errors that do not quote it. */
  posted(id: string, namespace: string): void;
  deliver(answer: Iq): Promise<void>;
}

/** Answers that nobody waits for. Ids of posts are a hint in memory only: after a restart everything still arrives. */
export function createLateReplies(log: Logger, maxPosts = 10_000): LateReplies {
  const listeners = new Map<string, AnyListener>();
  const posts = new Map<string, string>();
  const targets = (answer: Iq): AnyListener[] => {
    const namespace = answer.query?.namespace ?? posts.get(answer.id);
    if (namespace !== undefined) return [listeners.get(namespace)].filter((entry) => entry !== undefined);
    return answer.type === 'error' ? [...listeners.values()] : [];
  };
  return {
    listen(message, listener) {
      listeners.set(message.namespace, { message, listener } as unknown as AnyListener);
    },
    posted(id, namespace) {
      posts.delete(id);
      posts.set(id, namespace);
      if (posts.size > maxPosts) posts.delete(posts.keys().next().value as string);
    },
    async deliver(answer) {
      const found = targets(answer);
      if (found.length === 0) log.debug('an answer that nobody waits for', { from: answer.from, id: answer.id, type: answer.type });
      for (const { message, listener } of found) await listener(answer.from, answer.id, outcomeOf(message, answer));
    },
  };
}

function outcomeOf(message: FederationMessage<never, unknown>, answer: Iq): Outcome<unknown> {
  return answer.type === 'error' ? { error: decodeError(answer.error) } : { reply: message.decodeReply(answer.query) };
}
