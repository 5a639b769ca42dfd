import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { FogbowError } from '@fogbow/plugin-contracts';

export interface QmpCommand {
  readonly execute: string;
  readonly arguments?: object;
}

/** An answer to a command: QEMU's value, or its words for a refusal. */
export type QmpAnswer = { readonly value: unknown } | { readonly refusal: string };

interface Line { readonly QMP?: unknown; readonly event?: string; readonly return?: unknown; readonly error?: { readonly desc?: string } }

export interface QmpTalk {
  tell(command: QmpCommand): Promise<QmpAnswer>;
}

/**
 * One talk with the monitor of a machine (QMP, docs/interop/qmp-spec of QEMU): greeting, capabilities, then commands and answers in turn. QEMU talks
 * with one client at a time, so a talk is short. Rejects with cloud-unavailable when the signal aborts or QEMU hangs up.
 */
export async function talkToQemu<Result>(stream: Duplex, signal: AbortSignal, talk: (qemu: QmpTalk) => Promise<Result>): Promise<Result> {
  const { next, fail } = readLines(stream);
  const abort = (): void => fail(new FogbowError('cloud-unavailable', 'The monitor of the machine did not answer in time.', { cause: signal.reason }));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const tell = async (command: QmpCommand): Promise<QmpAnswer> => {
    stream.write(`${JSON.stringify(command)}\n`);
    const answer = await next();
    return answer.error ? { refusal: answer.error.desc ?? 'no reason' } : { value: answer.return };
  };
  try {
    await next();
    await tell({ execute: 'qmp_capabilities' });
    return await talk({ tell });
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}

/** Greeting and answers in order, without events. */
function readLines(stream: Duplex): { next(): Promise<Line>; fail(error: Error): void } {
  const [ready, waiting]: [Line[], { resolve(line: Line): void; reject(error: Error): void }[]] = [[], []];
  let fault: Error | undefined;
  const fail = (error: Error): void => {
    fault ??= error;
    for (const { reject } of waiting.splice(0)) reject(fault);
  };
  const take = (line: Line): void => {
    if (line.event !== undefined) return;
    const first = waiting.shift();
    if (first) first.resolve(line);
    else ready.push(line);
  };
  const lines = createInterface({ input: stream, crlfDelay: Infinity });
  lines.on('line', (text) => {
    try {
      take(JSON.parse(text) as Line);
    } catch {
      fail(new FogbowError('cloud-unavailable', 'The monitor of the machine says what is no JSON.'));
    }
  });
  lines.on('error', () => undefined);
  stream.on('error', (cause) => fail(new FogbowError('cloud-unavailable', 'The monitor of the machine hung up.', { cause })));
  stream.once('close', () => fail(new FogbowError('cloud-unavailable', 'The monitor of the machine hung up.')));
  return {
    fail,
    next: () => new Promise((resolve, reject) => {
      const line = ready.shift();
      if (line) resolve(line);
      else if (fault) reject(fault);
      else waiting.push({ resolve, reject });
    }),
  };
}
