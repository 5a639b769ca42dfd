import type { MemberId } from '@fogbow/request-model';
import { backoff } from '@fogbow/service-runtime';
import type { Clock, Logger, Part } from '@fogbow/service-runtime';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';
import type { AskNeighbour } from './ask-neighbour.js';

export interface GossipOptions {
  readonly neighbours: readonly MemberId[];
  readonly ask: AskNeighbour;
  /** Milliseconds between the rounds with one neighbour. */
  readonly periodMs: number;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  readonly watch: RendezvousWatch;
}

export interface Gossip extends Part {
  /** The neighbour is there, whatever we thought of it: one that was away is asked at once, once in each wait for it. */
  heardFrom(neighbour: MemberId): void;
  /** We are connected again: the failures meanwhile were ours. */
  connected(): void;
}

/** Of the period: the longest wait for a neighbour that does not answer. */
const MOST_PERIODS = 8;

interface Neighbour {
  readonly id: MemberId;
  failures: number;
  /** It was asked before its wait was over, in vain. Both of two that cannot read each other would else wake the other with every question. */
  wasWoken: boolean;
  wait: AbortController;
}

/** Asks each neighbour on its own, at once and then every period; one that is down waits longer and longer, up to eight periods, and disturbs no other. */
export function startGossip(options: GossipOptions): Gossip {
  const { periodMs, clock, log } = options;
  const stopping = new AbortController();
  const neighbours = new Map(options.neighbours.map((id): [MemberId, Neighbour] => [id, { id, failures: 0, wasWoken: false, wait: new AbortController() }]));
  const keepAsking = async (neighbour: Neighbour): Promise<void> => {
    while (!stopping.signal.aborted) {
      neighbour.wait = new AbortController();
      await askOnce(options, neighbour, stopping.signal);
      await clock.sleep(waitAfter(neighbour.failures, periodMs), AbortSignal.any([neighbour.wait.signal, stopping.signal]));
      if (!neighbour.wait.signal.aborted) neighbour.wasWoken = false;
    }
  };
  const loops = [...neighbours.values()].map((neighbour) => keepAsking(neighbour).catch((error: unknown) => log.error('the gossip with a neighbour ended', { neighbour: neighbour.id, error })));
  const wake = (neighbour: Neighbour): void => { if (neighbour.failures > 0) neighbour.wait.abort(); };
  return {
    name: 'gossip',
    heardFrom(id) {
      const neighbour = neighbours.get(id);
      if (!neighbour || neighbour.failures === 0 || neighbour.wasWoken) return;
      neighbour.wasWoken = true;
      wake(neighbour);
    },
    connected: () => neighbours.forEach(wake),
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** Milliseconds; after a failure between half of and the whole doubled wait. */
export const waitAfter = (failures: number, periodMs: number): number => (failures === 0 ? periodMs : backoff(failures, periodMs, MOST_PERIODS * periodMs));

async function askOnce({ ask, log, watch }: GossipOptions, neighbour: Neighbour, signal: AbortSignal): Promise<void> {
  try {
    const news = await ask(neighbour.id, signal);
    watch.sync('read');
    if (neighbour.failures > 0) log.info('a neighbour can be read again', { neighbour: neighbour.id, failures: neighbour.failures });
    if (news.entered > 0) log.info('a neighbour knew members that are new here', { neighbour: neighbour.id, ...news });
    neighbour.failures = 0;
    neighbour.wasWoken = false;
  } catch (error) {
    if (signal.aborted) return;
    watch.sync('failed');
    neighbour.failures += 1;
    if (neighbour.failures === 1) log.warn('a neighbour could not be read; trying on at growing intervals', { neighbour: neighbour.id, why: (error as Error).message });
  }
}
