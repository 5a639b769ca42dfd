import type { Connection, ServerChannel } from 'ssh2';
import type { Clock } from '@fogbow/service-runtime';
import type { ForwardedAddress } from './session-channels.js';

const BANNER_MS = 3000;
const QUICK_MS = 50;
const SLOW_MS = 2000;
/** Ten seconds of quick tries cover a machine that is still starting; one that has no SSH at all is asked seldom. */
const QUICK_TRIES = 200;

export const probeDelay = (attempt: number): number => (attempt < QUICK_TRIES ? QUICK_MS : SLOW_MS);

/** Resolves to true once an SSH server answers at the other end of the forward, to false when the signal aborts. */
export async function waitForSshBanner(client: Connection, to: ForwardedAddress, clock: Clock, signal: AbortSignal): Promise<boolean> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    if (await readBanner(client, to, signal)) return !signal.aborted;
    await clock.sleep(probeDelay(attempt), signal);
  }
  return false;
}

/** One connection to the machine, not through the public port: true when the first bytes are `SSH-`. */
function readBanner(client: Connection, to: ForwardedAddress, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let channel: ServerChannel | undefined;
    let settled = false;
    const settle = (found: boolean): void => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      channel?.close();
      resolve(found);
    };
    const giveUp = (): void => settle(false);
    const timer = setTimeout(giveUp, BANNER_MS);
    signal.addEventListener('abort', giveUp);
    client.forwardOut(to.boundAddress, to.port, '127.0.0.1', 0, (error, opened) => {
      if (error) return void settle(false);
      opened.on('error', giveUp);
      if (settled) return void opened.close();
      channel = opened;
      listenForBanner(opened, settle);
    });
  });
}

function listenForBanner(channel: ServerChannel, settle: (found: boolean) => void): void {
  let seen = '';
  channel.on('data', (data: Buffer) => {
    seen += data.toString('latin1').slice(0, 4 - seen.length);
    if (seen.length >= 4) settle(seen === 'SSH-');
  });
  channel.on('close', () => settle(seen === 'SSH-'));
}
