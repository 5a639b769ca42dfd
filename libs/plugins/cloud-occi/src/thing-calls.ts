import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ErrorCode } from '@fogbow/plugin-contracts';
import { inNameOf } from './endpoint-client.js';
import type { OcciEndpoint } from './endpoint-client.js';
import { refusalOf } from './endpoint-errors.js';
import { INFRASTRUCTURE } from './occi-names.js';
import { isId, lastOf, orderOf, orderWords, parseResource, parseResources } from './occi-resource.js';
import type { OcciResource } from './occi-resource.js';

/** What is asked for: a POST of one kind. The title begins with the client token, by which the thing is found again. */
export interface Wish {
  readonly clientToken: string;
  readonly title?: string | undefined;
  readonly mixins?: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The five calls that all kinds have in common. */
export interface ThingCalls {
  create(wish: Wish, call: CloudCall): Promise<OcciResource>;
  find(clientToken: string, call: CloudCall): Promise<OcciResource | undefined>;
  describe(id: string, call: CloudCall): Promise<OcciResource | undefined>;
  list(call: CloudCall): Promise<readonly OcciResource[]>;
  remove(id: string, call: CloudCall): Promise<void>;
}

export interface ThingOptions {
  readonly endpoint: OcciEndpoint;
  /** Where the kind lives, such as `/storage/link/`; with a slash at its end. */
  readonly path: string;
  readonly term: string;
  /** The title is the client token and nothing else, and lists can be narrowed by it. */
  readonly isFiltered?: true;
  /** The endpoint takes `Idempotency-Key`; else it is looked at before it is asked. */
  readonly idempotencyKeys: boolean;
  /** How long a create waits until the thing has found its place, and a removal until it is gone. */
  readonly settleMs: number;
}

export function createThingCalls(options: ThingOptions): ThingCalls {
  const { endpoint, path } = options;
  const ask = (call: CloudCall, id = '') => ({ path: path + encodeURIComponent(id), ...inNameOf(call) });
  const describe: ThingCalls['describe'] = async (id, call) => {
    if (!isId(id)) return undefined;
    const found = await unlessGone(async () => parseResource((await endpoint.ask({ method: 'GET', ...ask(call, id) })).text));
    if (!found) await forgetOrder(endpoint, id, call);
    return found;
  };
  const list = async (call: CloudCall, title?: string): Promise<readonly OcciResource[]> => {
    const headers = options.isFiltered && title !== undefined ? { 'X-OCCI-Attribute': `occi.core.title="${title}"` } : {};
    const answer = await unlessGone(() => endpoint.ask({ method: 'GET', ...ask(call), headers }));
    if (!answer) throw new FogbowError('cloud-unavailable', `The OCCI endpoint has no ${path}: is its url right? Else name what it does not have in cloud.settings.lacks.`);
    return parseResources(answer.text);
  };
  const calls: ThingCalls = {
    describe,
    list: (call) => list(call),
    // Newest first: should there be two, the first that was made is the one.
    find: async (clientToken, call) => (await list(call, clientToken)).filter(({ title }) => clientTokenOf(title) === clientToken).at(-1),
    create: (wish, call) => createOnce(options, calls, wish, call),
    async remove(id, call) {
      if (!isId(id)) return;
      await unlessGone(() => endpoint.ask({ method: 'DELETE', ...ask(call, id) }));
      await awaitEnd(options, id, call);
    },
  };
  return calls;
}

const TITLE_LENGTH = 200;
export const titleOf = ({ clientToken, title }: Pick<Wish, 'clientToken' | 'title'>): string => (title ? `${clientToken} ${title}` : clientToken).slice(0, TITLE_LENGTH);
export const clientTokenOf = (title: string): string => title.split(' ')[0] ?? '';
/** What people call it. */
export const nameOf = (title: string): string | undefined => title.split(' ').slice(1).join(' ') || undefined;

async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  return await work().catch((error: unknown) => {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  });
}

export const hasCode = (error: unknown, ...codes: readonly ErrorCode[]): boolean => isFogbowError(error) && codes.includes(error.code);

/** So many things of one client token may have gone before. */
const MOST_LIVES = 20;

/**
 * One thing for each client token. The token is the key of the request: the endpoint answers the same thing to all that ask with it, for a day, also
 * when that thing is gone; then the key of the next one follows from what is gone, so that whoever asks comes to the same.
 */
async function createOnce(options: ThingOptions, calls: ThingCalls, wish: Wish, call: CloudCall): Promise<OcciResource> {
  if (!options.idempotencyKeys) {
    const found = await calls.find(wish.clientToken, call);
    return found ?? await settled(options, calls, await post(options, wish, undefined, call), call) ?? vanished();
  }
  for (let key = wish.clientToken, lives = 0; lives < MOST_LIVES; lives += 1) {
    const id = await post(options, wish, key, call).catch(async (error: unknown) => {
      if (!isKeyConflict(error)) throw error;
      return undefined;
    });
    const found = id === undefined ? await calls.find(wish.clientToken, call) : await settled(options, calls, id, call);
    if (found) return found;
    // Something else was asked for under this key, and is gone.
    key = `${wish.clientToken}.${digest([key, id ?? wish])}`;
  }
  return vanished();
}

const vanished = (): never => { throw new FogbowError('cloud-unavailable', 'What the OCCI endpoint made was gone before it could be looked at.'); };
const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
const isKeyConflict = (error: unknown): boolean => hasCode(error, 'conflict') && (error as Error).message.includes('Idempotency-Key');

async function post({ endpoint, path, term }: ThingOptions, wish: Wish, key: string | undefined, call: CloudCall): Promise<string> {
  const { headers } = await endpoint.ask({
    method: 'POST', path, ...inNameOf(call), isRepeatable: key !== undefined,
    headers: { Accept: 'text/occi, text/plain;q=0.5', ...wish.headers, ...(key === undefined ? {} : { 'Idempotency-Key': key }) },
    body: { kind: INFRASTRUCTURE + term, mixins: wish.mixins ?? [], title: titleOf(wish), attributes: wish.attributes },
  });
  const id = lastOf(headers['location'] ?? headers['x-occi-location'] ?? '');
  if (!isId(id)) throw new FogbowError('cloud-unavailable', 'The OCCI endpoint took the request and did not say where the thing is.');
  return id;
}

const LOOK_MS = 40;
const SLOWEST_LOOK_MS = 500;
/** A refusal is believed when it has stood for so long: an order that one member refused may be on its way to another. */
const STANDING_MS = 400;

/**
 * Waits until the endpoint has placed what was asked for. A Manager takes every order and lets those wait that nobody can serve: here such a one is
 * given back and is the refusal that it would be in any other cloud. Undefined when it is gone.
 */
async function settled(options: ThingOptions, calls: ThingCalls, id: string, call: CloudCall): Promise<OcciResource | undefined> {
  const begun = performance.now();
  for (let everyMs = LOOK_MS, refusedAt: number | undefined; ; everyMs = Math.min(everyMs * 1.5, SLOWEST_LOOK_MS)) {
    const seen = await calls.describe(id, call);
    if (!seen) return undefined;
    const { state, failure, reason } = orderWords(seen);
    refusedAt = state === 'failed' || (state === 'open' && failure !== undefined) ? refusedAt ?? performance.now() : undefined;
    if (refusedAt !== undefined && (state === 'failed' || performance.now() - refusedAt >= STANDING_MS)) {
      await calls.remove(id, call);
      throw refusalOf(failure ?? 'no-valid-host', reason);
    }
    if (state !== 'open' && state !== 'pending') return seen;
    if (refusedAt === undefined && performance.now() - begun > options.settleMs) return seen;
    await sleep(everyMs, call.signal);
  }
}

/** A Manager keeps the order of an instance that was lost until somebody deletes it: nobody but us ever would. That it fails is no harm. */
async function forgetOrder(endpoint: OcciEndpoint, id: string, call: CloudCall): Promise<void> {
  const order = orderOf(id);
  if (order !== undefined) await endpoint.ask({ method: 'DELETE', path: `/order/${order}`, ...inNameOf(call) }).catch(() => undefined);
}

/** A Manager lists what is being removed under its order; when that is gone, nothing is left. Other endpoints are believed at once. */
async function awaitEnd({ endpoint, settleMs }: ThingOptions, id: string, call: CloudCall): Promise<void> {
  const order = orderOf(id);
  if (order === undefined) return;
  const begun = performance.now();
  for (let everyMs = LOOK_MS; performance.now() - begun < settleMs; everyMs = Math.min(everyMs * 1.5, SLOWEST_LOOK_MS)) {
    if (!await unlessGone(() => endpoint.ask({ method: 'GET', path: `/order/${order}`, ...inNameOf(call) }))) return;
    await sleep(everyMs, call.signal);
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => { throw new FogbowError('cloud-unavailable', 'The OCCI endpoint did not come to an end in time.'); });
}
