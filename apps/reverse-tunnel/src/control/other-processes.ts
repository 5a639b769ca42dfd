import type { Redis } from 'ioredis';
import type { Logger } from '@fogbow/service-runtime';
import { wordsChannel } from '../grants/grant-store.js';
import type { SessionControl } from '../grants/make-grant.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { SessionDirectory } from './session-directory.js';

/** What one process of a tunnel tells the others over its Redis. */
type Word =
  /** `began` by the clock that all share; a process of an older version does not say it. */
  | { readonly from: string; readonly say: 'entered'; readonly grantId: string; readonly began?: number }
  /** Its grant is another in Redis, or gone; see pool-scripts.ts. */
  | { readonly from: string; readonly say: 'grant'; readonly grantId: string }
  | { readonly from: string; readonly say: 'announce'; readonly grantIds: readonly string[] }
  | { readonly from: string; readonly say: 'joined' }
  | { readonly from: string; readonly say: 'cut'; readonly grantId: string; readonly why: string }
  | { readonly from: string; readonly say: 'close-port'; readonly grantId: string; readonly port: number }
  | { readonly from: string; readonly say: 'change'; readonly grant: StoredGrant };
type WithoutFrom<W> = W extends unknown ? Omit<W, 'from'> : never;

/**
 * Several processes of one tunnel live beside each other: on one host while one takes over from another, with the sessions of both open, and on several hosts all the time. A grant has one
 * session among all of them, and one that is revoked is cut wherever it is. Words are lost while Redis is away: then two sessions of a machine may stand for as long, of
 * which the newer one counts, and what was missed is read when Redis is back.
 */
export interface OtherProcesses {
  /** Our sessions and those of the others. */
  readonly sessions: SessionControl;
  entered(grantId: string, began: number): void;
  /** A host is there, and stands in the list of hosts. */
  joined(): void;
  stop(): void;
}

export interface OtherProcessesOptions {
  readonly own: SessionControl & Pick<SessionDirectory, 'yieldTo'>;
  /** A grant was changed by another. */
  readonly refresh: (grantId: string) => void;
  readonly onJoined: () => void;
  /** Words may have been missed. */
  readonly onHeardAgain: () => void;
  readonly id: string;
  readonly prefix: string;
  readonly publisher: Redis;
  /** A connection of its own: it can do nothing else. */
  readonly subscriber: Redis;
  readonly log: Logger;
}

export function listenToOthers({ own, refresh, onJoined, onHeardAgain, id, prefix, publisher, subscriber, log }: OtherProcessesOptions): OtherProcesses {
  const channel = wordsChannel(prefix);
  const tell = (word: WithoutFrom<Word>): void => void publisher.publish(channel, JSON.stringify({ from: id, ...word })).catch((error: unknown) => log.debug('the other processes did not hear', { error }));
  subscriber.on('message', (_channel: string, text: string) => {
    const word = readWord(text);
    if (!word || word.from === id) return;
    if (word.say === 'entered') own.yieldTo(word.grantId, word.began ?? Number.MAX_SAFE_INTEGER);
    if (word.say === 'cut') own.cut(word.grantId, word.why);
    if (word.say === 'close-port') own.closePort(word.grantId, word.port);
    if (word.say === 'change') own.change(word.grant);
    if (word.say === 'grant') refresh(word.grantId);
    if (word.say === 'joined') onJoined();
    if (word.say === 'announce') own.announce(word.grantIds);
  });
  const listen = (): void => void subscriber.subscribe(channel).then(onHeardAgain, (error: unknown) => log.warn('the other processes cannot be heard', { error }));
  // Again on each new connection: what was said before it is read once it is heard.
  subscriber.on('ready', listen);
  if (subscriber.status === 'ready') listen();
  return {
    entered: (grantId, began) => tell({ say: 'entered', grantId, began }),
    joined: () => tell({ say: 'joined' }),
    sessions: {
      cut(grantId, why) { own.cut(grantId, why); tell({ say: 'cut', grantId, why }); },
      closePort(grantId, port) { own.closePort(grantId, port); tell({ say: 'close-port', grantId, port }); },
      change(grant) { own.change(grant); tell({ say: 'change', grant }); },
      announce(grantIds) { own.announce(grantIds); tell({ say: 'announce', grantIds }); },
    },
    stop: () => subscriber.disconnect(),
  };
}

/** As a script tells it that changes a grant. */
export const grantWord = (from: string, grantId: string): string => JSON.stringify({ from, say: 'grant', grantId } satisfies Word);

function readWord(text: string): Word | undefined {
  try {
    return JSON.parse(text) as Word;
  } catch {
    return undefined;
  }
}
