import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import { createEventStreamParser } from './event-stream.js';
import type { EventView } from './views.js';

export interface FollowOptions {
  /** Opens the stream behind a position; from now on where there is none. */
  readonly connect: (after: number | undefined, signal: AbortSignal) => Promise<Readable>;
  readonly after?: number;
  readonly signal: AbortSignal;
  /** Told of each break, before the pause. */
  readonly onBreak?: (reason: string) => void;
  /** First pause after a break, doubled up to sixteen times; default 500 ms. */
  readonly retryMs?: number;
  /** Silence after which a connection counts as dead; default 90 s. */
  readonly silenceMs?: number;
}

/**
 * Events in order, each once, over as many connections as it takes. Refusals end it; so does a server that cannot be reached at the first
 * attempt. Ends without an error when the signal aborts.
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<EventView, void> {
  const { signal, retryMs = 500 } = options;
  let last = options.after;
  const reach = (position: number): void => { last = Math.max(last ?? position, position); };
  let wasConnected = false;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const stream = await options.connect(last, signal);
      wasConnected = true;
      for await (const event of eventsOf(stream, options, reach)) {
        failures = 0;
        // A server may repeat the one that we named.
        if (last !== undefined && event.position <= last) continue;
        last = event.position;
        yield event;
      }
      options.onBreak?.('the server ended the stream');
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof CliError && (!wasConnected || isFinal(error))) throw error;
      options.onBreak?.(error instanceof Error ? error.message : String(error));
    }
    await pause(retryMs * 2 ** Math.min(failures, 4), undefined, { signal }).catch(() => undefined);
  }
}

/** A Manager that restarts may answer 5xx for a moment; other refusals stay. */
const isFinal = ({ status = 0 }: CliError): boolean => status >= 400 && status < 500 && status !== 429;

/** `reach` is told how far the stream is, also by signs of life: a reader that has seen no event yet must not begin from the moment at which it comes back. */
async function* eventsOf(stream: Readable, { signal, silenceMs = 90_000 }: FollowOptions, reach: (position: number) => void): AsyncGenerator<EventView, void> {
  const parser = createEventStreamParser();
  const stop = (): void => void stream.destroy();
  const watch = setTimeout(() => stream.destroy(new Error('nothing came for too long')), silenceMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      watch.refresh();
      for (const message of parser.push(chunk as string)) {
        const event = eventOf(message.data);
        if (event) yield event;
      }
      if (/^\d{1,15}$/.test(parser.lastId ?? '')) reach(Number(parser.lastId));
    }
  } finally {
    clearTimeout(watch);
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** Messages that are not moves of orders, such as greetings, are nothing to us. */
function eventOf(data: string): EventView | undefined {
  try {
    const event = JSON.parse(data) as EventView;
    return Number.isSafeInteger(event.position) && typeof event.orderId === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
