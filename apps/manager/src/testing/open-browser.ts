import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const CHROMIUM = '/usr/bin/chromium';
/** Debian package chromium. */
export const hasBrowser = existsSync(CHROMIUM);

/** One page of a real browser. */
export interface Browser {
  open(url: string): Promise<void>;
  /** What a script on the page gives. */
  evaluate(script: string): Promise<unknown>;
  /** What the page's console and its policies complained of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

interface Told { readonly id?: number; readonly method?: string; readonly params?: { readonly entry?: { readonly level: string; readonly text: string; readonly url?: string }; readonly exceptionDetails?: object }; readonly result?: { readonly result?: { readonly value?: unknown } } }

/** Over the DevTools protocol, of which three questions are enough. */
export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'fogbow-chromium-'));
  const program = spawn(CHROMIUM, ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(program, 'exit');
  const socket = new WebSocket(await addressOfPage(program.stderr).catch((error: unknown) => {
    program.kill('SIGKILL');
    throw error;
  })).on('error', () => undefined);
  // Nobody reads on, and it must not wait for that.
  program.stderr.resume();
  await once(socket, 'open');
  const complaints: string[] = [];
  const waiting = new Map<number, (told: Told) => void>();
  socket.on('message', (data: Buffer) => {
    const told = JSON.parse(data.toString()) as Told;
    if (told.id !== undefined) waiting.get(told.id)?.(told);
    if (told.method === 'Log.entryAdded' && told.params?.entry?.level === 'error') complaints.push(`${told.params.entry.text} ${told.params.entry.url ?? ''}`);
    if (told.method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(told.params));
  });
  let last = 0;
  const ask = (method: string, params: object = {}): Promise<Told> => new Promise((resolve) => {
    waiting.set(last += 1, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });
  await Promise.all([ask('Log.enable'), ask('Runtime.enable'), ask('Page.enable')]);
  return {
    complaints,
    async open(url) { await ask('Page.navigate', { url }); },
    evaluate: async (script) => (await ask('Runtime.evaluate', { expression: script, awaitPromise: true, returnByValue: true })).result?.result?.value,
    async close() {
      socket.terminate();
      program.kill('SIGKILL');
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function addressOfPage(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stderr)) {
    const [, host] = /^DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? [];
    if (host === undefined) continue;
    const pages = await (await fetch(`http://${host}/json`)).json() as { readonly type: string; readonly webSocketDebuggerUrl: string }[];
    return String(pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl);
  }
  throw new Error('The browser does not start.');
}
