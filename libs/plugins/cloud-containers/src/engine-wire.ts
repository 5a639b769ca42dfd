import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError, limitTime } from '@fogbow/plugin-contracts';
import { connectionFault } from './engine-faults.js';

/** One question to the engine's HTTP API. */
export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  /** Parsed JSON, or a text. */
  readonly body: unknown;
  /** The engine's own clock when it answered. */
  readonly at?: Date;
}

/** The engine's API with whatever it answers. Rejects with cloud-unavailable and cloud-unauthorized where there is no answer. */
export type EngineWire = (call: EngineCall) => Promise<EngineAnswer>;

export interface EngineAddress {
  /** Unix socket; without effect when there is a url. */
  readonly socket: string;
  readonly url?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const PASSING = [429, 502, 503, 504];
/** Every status is an answer: the modem would throw away the headers of those that it takes for errors. */
const EVERY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_none, index) => [String(index + 100), true]));

/** What passes by itself (429, 502, 503, 504) is asked again a few times, after Retry-After where the answer has it: every call of ours may be repeated. */
export function createEngineWire(address: EngineAddress, timeoutMs: number): EngineWire {
  let opened: Promise<Modem> | undefined;
  return async (call) => {
    const modem = await (opened ??= openModem(address));
    const signal = limitTime(call.signal, timeoutMs);
    for (let attempt = 1; ; attempt += 1) {
      const { retryAfter, ...answer } = await dial(modem, { ...call, signal }, address);
      if (!PASSING.includes(answer.status) || attempt === TRIES) return answer;
      await delay(pauseMs(attempt, retryAfter), undefined, { signal }).catch((cause: unknown) => {
        throw new FogbowError('cloud-unavailable', `The engine answers ${answer.status} and asks to wait; there was no time left for it.`, { cause });
      });
    }
  };
}

/** Seconds, as RFC 9110 §10.2.3 has it; dates are not understood and count as absent. */
function pauseMs(attempt: number, retryAfter: string | undefined): number {
  const told = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return Math.min(told, LONGEST_PAUSE_MS);
}

interface Modem {
  dial(options: object, done: (error: Error | null, answer?: IncomingMessage) => void): void;
}

/** Loaded when it is needed: half of the package is for building images, and Managers of other clouds shall not carry it. */
async function openModem(address: EngineAddress): Promise<Modem> {
  const { default: Docker } = await import('dockerode');
  return new Docker(dialOptions(address)).modem as Modem;
}

async function dial(modem: Modem, { method, path, query, body, signal }: EngineCall, address: EngineAddress): Promise<EngineAnswer & { readonly retryAfter: string | undefined }> {
  const asked = query || body ? { _query: query ?? {}, _body: body ?? {} } : undefined;
  try {
    signal.throwIfAborted();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      modem.dial({ path: asked ? `${path}?` : path, method, options: asked, abortSignal: signal, isStream: true, statusCodes: EVERY_STATUS },
        (error, answer) => (error || !answer ? reject(error ?? new Error('no answer')) : resolve(answer)));
    });
    const text = await textOf(addAbortSignal(signal, response));
    const { date, 'retry-after': retryAfter } = response.headers;
    return { status: response.statusCode ?? 0, body: parse(text), ...(date === undefined ? {} : { at: new Date(date) }), retryAfter };
  } catch (cause) {
    throw connectionFault(cause, address.url ?? address.socket);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Each is given, also those that are absent: the modem would take them from DOCKER_HOST of our environment. */
function dialOptions({ socket, url, caFile, certFile, keyFile }: EngineAddress): object {
  const none = { socketPath: undefined, host: undefined, port: undefined, protocol: undefined, ca: undefined, cert: undefined, key: undefined };
  if (url === undefined) return { ...none, socketPath: socket, protocol: 'http' };
  const { protocol, hostname, port } = new URL(url);
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file));
  return {
    ...none, host: hostname, port: port || (protocol === 'https:' ? 2376 : 2375), protocol: protocol.slice(0, -1),
    ca: read(caFile), cert: read(certFile), key: read(keyFile),
  };
}
