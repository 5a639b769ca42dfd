import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import { ASK_IMAGE } from './image-scripts.js';
import type { ImageHost } from './image-source.js';
import { sendImage } from './send-image.js';

const BYTES = 20 * 2 ** 20;
const PROOF_MS = 100;

it('a host that has every byte already is given the time to prove them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'send-'));
  const local = join(folder, 'image');
  writeFileSync(local, '');
  truncateSync(local, BYTES);
  const prove = (signal: AbortSignal): Promise<string> => new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('there'), PROOF_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new FogbowError('cloud-unavailable', 'cut'));
    });
  });
  const outcome = (script: string, _args: readonly string[], signal: AbortSignal): Promise<string> => (script === ASK_IMAGE ? Promise.resolve(`have ${BYTES}`) : prove(signal));
  const host = { spec: { name: 'h', at: 'ssh://u@h' }, shell: { outcome } } as unknown as ImageHost;
  try {
    await sendImage({ image: 'one', host, path: '/srv/one', local, isOurs: false, idleMs: PROOF_MS / 10, signal: new AbortController().signal, progress: { tell: () => undefined } });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
