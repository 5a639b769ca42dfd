import type { Redis } from 'ioredis';
import type { Logger } from '@fogbow/service-runtime';
import type { SessionControl } from '../grants/make-grant.js';
import type { StoredGrant } from '../grants/stored-grant.js';

/** What one process of a tunnel tells the others over its Redis. */
type Word =
  | { readonly from: string; readonly say: 'entered'; readonly grantId: string }
  | { readonly from: string; readonly say: 'cut'; readonly grantId: string; readonly why: string }
  | { readonly from: string; readonly say: 'close-port'; readonly grantId: string; readonly port: number }
  | { readonly from: string; readonly say: 'change'; readonly grant: StoredGrant };
type WithoutFrom<W> = W extends unknown ? Omit<W, 'from'> : never;

/**
 * Several processes of one tunnel live beside each other while one takes over from another, with the sessions of both open. A grant has one session
 * among all of them, and one that is revoked is cut wherever it is. Words are lost while Redis is away: then the port that the older one holds stands in the
 * way of the newer for as long, and nothing worse.
 */
export interface OtherProcesses {
  /** Our sessions and those of the others. */
  readonly sessions: SessionControl;
  entered(grantId: string): void;
  stop(): void;
}

export interface OtherProcessesOptions {
  readonly own: SessionControl;
  readonly id: string;
  readonly prefix: string;
  readonly publisher: Redis;
  /** A connection of its own: it can do nothing else. */
  readonly subscriber: Redis;
  readonly log: Logger;
}

export function listenToOthers({ own, id, prefix, publisher, subscriber, log }: OtherProcessesOptions): OtherProcesses {
  const channel = `${prefix}:words`;
  const tell = (word: WithoutFrom<Word>): void => void publisher.publish(channel, JSON.stringify({ from: id, ...word })).catch((error: unknown) => log.debug('the other processes did not hear', { error }));
  subscriber.on('message', (_channel: string, text: string) => {
    const word = readWord(text);
    if (!word || word.from === id) return;
    if (word.say === 'entered') own.cut(word.grantId, 'a newer session of the same grant, at another process');
    if (word.say === 'cut') own.cut(word.grantId, word.why);
    if (word.say === 'close-port') own.closePort(word.grantId, word.port);
    if (word.say === 'change') own.change(word.grant);
  });
  subscriber.subscribe(channel).catch((error: unknown) => log.warn('the other processes cannot be heard', { error }));
  return {
    entered: (grantId) => tell({ say: 'entered', grantId }),
    sessions: {
      cut(grantId, why) { own.cut(grantId, why); tell({ say: 'cut', grantId, why }); },
      closePort(grantId, port) { own.closePort(grantId, port); tell({ say: 'close-port', grantId, port }); },
      change(grant) { own.change(grant); tell({ say: 'change', grant }); },
      announce: (ids) => own.announce(ids),
    },
    stop: () => subscriber.disconnect(),
  };
}

function readWord(text: string): Word | undefined {
  try {
    return JSON.parse(text) as Word;
  } catch {
    return undefined;
  }
}
