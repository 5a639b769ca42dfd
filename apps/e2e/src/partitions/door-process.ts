import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Carry a connection to this address, or only try whether there is anybody. */
export interface DoorRequest {
  readonly host: string;
  readonly port: number;
  /** Present: answer with this number; no connection comes along. */
  readonly probe?: number;
}

export interface DoorAnswer {
  readonly probe: number;
  /** What became of the try: `open`, or the code of the error. */
  readonly outcome: string;
}

/** Before the kernel begins once more, after a second: each try is one packet. */
const PROBE_MS = 700;

/** A process on one of the hosts that connects there what its parent, who is on none of them, hands over. It ends with its parent. */
export function serveDoor(): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (request: DoorRequest, socket?: Socket) => {
    if (request.probe === undefined) join(request, socket);
    else void tryOut(request, request.probe);
  });
}

function join({ host, port }: DoorRequest, near: Socket | undefined): void {
  if (!near) return;
  const far = connect({ host, port });
  const end = (): void => { near.destroy(); far.destroy(); };
  near.on('error', end).on('close', end).pipe(far).on('error', end).on('close', end).pipe(near);
}

async function tryOut({ host, port }: DoorRequest, probe: number): Promise<void> {
  const socket = connect({ host, port, timeout: PROBE_MS });
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('open')).once('timeout', () => resolve('no answer'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  socket.destroy();
  process.send?.({ probe, outcome } satisfies DoorAnswer, () => undefined);
}
