import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { checksumOf } from '@fogbow/image-files';
import type { Progress } from '@fogbow/image-files';
import { FogbowError } from '@fogbow/plugin-contracts';
import { ASK_IMAGE, TAKE_IMAGE } from './image-scripts.js';
import type { ImageHost } from './image-source.js';

export interface Sending {
  /** As users call it. */
  readonly image: string;
  readonly host: ImageHost;
  /** Where it shall be on the host. */
  readonly path: string;
  /** The file here. */
  readonly local: string;
  /** Whether nobody ever changes that file. */
  readonly isOurs: boolean;
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** How often others may come between a look and the sending. */
const ROUNDS = 3;
const PIECE = 1 << 18;
/** A slow disk reads so many bytes in a millisecond, when the host proves what came. */
const PROVED_BYTES_MS = 20_000;

/** Gives a host an image, from where an earlier try has ended. Rejects with cloud-unavailable, or no-valid-host where the host is full or another process is at it. */
export async function sendImage(sending: Sending): Promise<void> {
  const { image, host, path, local, isOurs, signal, progress } = sending;
  progress.tell(`it is being read for the host ${host.spec.name}`);
  let whole: Whole | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const said = await host.shell.outcome(ASK_IMAGE, [path, isOurs && host.spec.at === 'local' ? local : ''], signal);
    if (said === 'there') return;
    whole ??= { bytes: (await stat(local)).size, sha256: await checksumOf(local, 'sha256', signal) };
    const outcome = await take(sending, Number(/^have (\d+)$/.exec(said)?.[1] ?? 0), whole);
    if (outcome === 'there') return;
    if (outcome === 'busy') throw new FogbowError('no-valid-host', `The image ${image} is not here yet: another process sends it to the host ${host.spec.name}.`);
  }
  throw new FogbowError('cloud-unavailable', `The image ${image} did not come to the host ${host.spec.name} as it is here.`);
}

interface Whole { readonly bytes: number; readonly sha256: string }

async function take({ host, path, local, idleMs, signal, progress }: Sending, from: number, { bytes, sha256 }: Whole): Promise<string> {
  const proving = (sent: number): number => (sent < bytes ? 0 : bytes / PROVED_BYTES_MS);
  const patience = createPatience(idleMs + proving(from));
  let sent = from;
  const input = counted(createReadStream(local, { start: Math.min(from, bytes), highWaterMark: PIECE }), (taken) => {
    sent += taken;
    progress.tell(`${Math.floor((100 * sent) / bytes)} % of ${bytes} bytes are on their way to the host ${host.spec.name}`);
    patience.renew(idleMs + proving(sent));
  });
  try {
    return await host.shell.outcome(TAKE_IMAGE, [path, ...[from, bytes].map(String), sha256], AbortSignal.any([signal, patience.signal]), input);
  } finally {
    patience.end();
    input.destroy();
  }
}

/** Told of each piece when somebody takes it, and not before. */
function counted(file: Readable, onPiece: (bytes: number) => void): Readable {
  return Readable.from((async function* pieces() {
    for await (const piece of file) {
      onPiece((piece as Buffer).length);
      yield piece as Buffer;
    }
  })(), { objectMode: false });
}

function createPatience(firstMs: number): { readonly signal: AbortSignal; renew(ms: number): void; end(): void } {
  const over = new AbortController();
  const begin = (ms: number): NodeJS.Timeout => setTimeout(() => over.abort(new Error('it takes nothing of an image')), ms);
  let timer = begin(firstMs);
  return {
    signal: over.signal,
    renew(ms) {
      clearTimeout(timer);
      timer = begin(ms);
    },
    end: () => clearTimeout(timer),
  };
}
