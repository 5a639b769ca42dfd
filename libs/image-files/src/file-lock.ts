import { spawn } from 'node:child_process';
import { away } from './image-errors.js';

/** Ends the lock; idempotent. */
export type Unlock = () => Promise<void>;

/**
 * Waits for the only lock on a file among all processes of this host. The kernel keeps it for a child that lives as long as its input: so
 * it ends with this process, however that ends, and nobody need guess whether a lock is stale.
 */
export function lockFile(path: string, signal: AbortSignal): Promise<Unlock> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn('flock', ['--exclusive', '--no-fork', path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<void>((done) => child.once('close', () => done()));
    child.stdin.on('error', () => undefined);
    const unlock = async (): Promise<void> => {
      child.stdin.end();
      await ended;
    };
    const abort = (): void => {
      child.kill('SIGKILL');
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    child.stdout.on('error', () => undefined).once('data', () => {
      signal.removeEventListener('abort', abort);
      resolve(unlock);
    });
    child.once('error', (error) => reject(away('There is no flock on this host: install util-linux.', error)));
    child.once('close', (status) => {
      signal.removeEventListener('abort', abort);
      reject(away(`The lock ${path} cannot be had: flock ended with status ${status}.`));
    });
  });
}
