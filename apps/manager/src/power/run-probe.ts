import { Client } from 'ssh2';
import type { ClientChannel, ConnectConfig } from 'ssh2';
import { FORGOTTEN_WORD, KEPT_WORD, PROBE_WORD, TIMED_OUT } from './probe-bootstrap.js';

/** Where a machine is measured, and by which key. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  /** The one key that the machine may show, as an OpenSSH line; absent: its cloud tells none. */
  readonly hostKey?: string;
}

export type ProbeOutcome =
  /** `isForgotten`: the machine says that our key is out of it. */
  | { readonly kind: 'measured'; readonly seconds: number; readonly isForgotten: boolean }
  /** It makes no sense to come again. */
  | { readonly kind: 'failed'; readonly why: 'timed-out' | 'broken' | 'wrong-host-key'; readonly reason: string }
  /** `refused`: it answers and does not take the key. */
  | { readonly kind: 'away'; readonly why: 'unreachable' | 'refused'; readonly reason: string };

export interface ProbeRun {
  readonly target: ProbeTarget;
  /** Written down before the machine hears that it is: who dies in between comes again and finds it there. False: the measurement is another's by now, who comes for it. */
  readonly keep: (seconds: number) => Promise<boolean>;
  /** More is not believed: the machine ends the probe by then. */
  readonly mostSeconds: number;
  readonly signal: AbortSignal;
}

const LOGIN_MS = 10_000;
const MOST_OUTPUT = 4096;
/** How long is waited for the machine's word that it has forgotten the key. */
const GOODBYE_MS = 5000;

/** Logs in by the key that can run the measurement only, and brings its result home. Never rejects but for a `keep` that does. */
export async function runProbe({ target, keep, mostSeconds, signal }: ProbeRun): Promise<ProbeOutcome> {
  const opened = await open(target, signal);
  if (!(opened instanceof Client)) return opened;
  try {
    return await measure(opened, { keep, mostSeconds, signal });
  } finally {
    opened.end();
    opened.destroy();
  }
}

function open(target: ProbeTarget, signal: AbortSignal): Promise<Client | ProbeOutcome> {
  return new Promise((resolve) => {
    const client = new Client();
    let isStranger = false;
    const fail = (error: Error & { level?: string }): void => {
      client.destroy();
      resolve(isStranger ? { kind: 'failed', why: 'wrong-host-key', reason: 'the machine shows another host key than its cloud told' } : awayOf(error));
    };
    const abort = (): void => fail(new Error('there was no time left'));
    signal.addEventListener('abort', abort, { once: true });
    client.once('ready', () => { signal.removeEventListener('abort', abort); resolve(client); })
      .on('error', fail).once('close', () => fail(new Error('the connection has ended')));
    if (signal.aborted) return abort();
    try {
      client.connect(configOf(target, () => { isStranger = true; }));
    } catch (error) {
      fail(error as Error);
    }
  });
}

function awayOf(error: Error & { level?: string }): ProbeOutcome {
  if (error.level === 'client-authentication') return { kind: 'away', why: 'refused', reason: 'the machine does not take the key of the measurement' };
  return { kind: 'away', why: 'unreachable', reason: `the machine does not answer: ${error.message}` };
}

function configOf({ host, port, username, privateKey, hostKey }: ProbeTarget, onStranger: () => void): ConnectConfig {
  const [type, pinned = ''] = hostKey?.split(/\s+/) ?? [];
  return {
    host, port, username, privateKey, readyTimeout: LOGIN_MS, keepaliveInterval: 5000, keepaliveCountMax: 3,
    ...(type === undefined ? {} : {
      algorithms: { serverHostKey: (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]) as never },
      hostVerifier: (shown: Buffer) => {
        const isPinned = shown.equals(Buffer.from(pinned, 'base64'));
        if (!isPinned) onStranger();
        return isPinned;
      },
    }),
  };
}

/** The command is the machine's to choose: what is asked for is not run. */
function measure(client: Client, run: Omit<ProbeRun, 'target'>): Promise<ProbeOutcome> {
  return new Promise((resolve, reject) => {
    const lost = (why: string): void => resolve({ kind: 'away', why: 'unreachable', reason: `the measurement broke off: ${why}` });
    const abort = (): void => lost('there was no time left');
    run.signal.addEventListener('abort', abort, { once: true });
    client.on('error', (error) => lost(error.message)).once('close', () => lost('the connection has ended'));
    client.exec('measure', (error, channel) => {
      if (error) return lost(error.message);
      converse(channel, run).then((outcome) => (outcome ? resolve(outcome) : lost('the machine said nothing that could be read')), reject);
    });
  });
}

/** Reads the result, has it kept, says so, and waits for the machine to forget the key; says nothing of what was not kept. */
async function converse(channel: ClientChannel, { keep, mostSeconds }: Omit<ProbeRun, 'target'>): Promise<ProbeOutcome | undefined> {
  const said = listenTo(channel);
  const outcome = readResult(await said((text) => RESULT.exec(text)?.[0]), mostSeconds);
  if (outcome === undefined) return undefined;
  if (outcome.kind === 'measured' && !await keep(outcome.seconds)) return outcome;
  channel.end(`${KEPT_WORD}\n`);
  const goodbye = setTimeout(() => channel.close(), GOODBYE_MS);
  const isForgotten = await said((text) => (text.includes(FORGOTTEN_WORD) ? text : undefined)) !== undefined;
  clearTimeout(goodbye);
  return outcome.kind === 'measured' ? { ...outcome, isForgotten } : outcome;
}

/** Waits for something in what the machine says; undefined when it has ended without it. What it says beyond a few lines is dropped. */
function listenTo(channel: ClientChannel): (find: (text: string) => string | undefined) => Promise<string | undefined> {
  let text = '';
  let isOver = false;
  let look: () => void = () => undefined;
  channel.on('error', () => undefined).stderr.on('error', () => undefined).resume();
  channel.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('latin1')).slice(-MOST_OUTPUT);
    look();
  });
  channel.once('close', () => { isOver = true; look(); });
  return (find) => new Promise((resolve) => {
    look = () => {
      const found = find(text);
      if (found !== undefined || isOver) resolve(found);
    };
    look();
  });
}

const RESULT = new RegExp(`^${PROBE_WORD} ([\\w-]+) (\\d+(?:\\.\\d+)?) (\\d+(?:\\.\\d+)?)\\n`, 'm');
const LEAST_SECONDS = 0.01;

/** Pure: one line of the machine; undefined for what is none. */
export function readResult(line: string | undefined, mostSeconds: number): ProbeOutcome | undefined {
  const [, status, began, ended] = RESULT.exec(line ?? '') ?? [];
  // The clock has hundredths; what a subtraction makes of them is no more exact.
  const seconds = Math.round((Number(ended) - Number(began)) * 100) / 100;
  if (status === undefined || !Number.isFinite(seconds)) return undefined;
  if (status === TIMED_OUT) return { kind: 'failed', why: 'timed-out', reason: 'the measurement took too long and was ended' };
  if (status !== '0') return { kind: 'failed', why: 'broken', reason: `the measurement ended with status ${status}` };
  if (seconds < 0) return { kind: 'failed', why: 'broken', reason: 'the clock of the machine went backwards' };
  if (seconds > mostSeconds) return { kind: 'failed', why: 'broken', reason: `the machine says that it took ${seconds} s, which is longer than it may` };
  return { kind: 'measured', seconds: Math.max(seconds, LEAST_SECONDS), isForgotten: false };
}
