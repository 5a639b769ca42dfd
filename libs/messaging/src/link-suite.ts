import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { currentCorrelation, withCorrelation } from '@fogbow/service-runtime';
import type { FederationLink, Outcome } from './federation-link.js';
import { EMPTY } from './federation-message.js';
import { GETINSTANCE } from './messages/getinstance.js';
import { IAMALIVE } from './messages/iamalive.js';
import type { OrderReply, OrderRequest } from './messages/order.js';
import { ORDER } from './messages/order.js';
import { REMOVEINSTANCE } from './messages/removeinstance.js';
import { REMOVEORDER } from './messages/removeorder.js';

/** A federation of three members for one test. */
export interface LinkLab {
  /** A new link, not started; a second one of the same member replaces the first. */
  link(member: string, options?: { readonly maxInFlight?: number }): FederationLink;
  close(): Promise<void>;
}

/** The asking member, the asked one, and one that is known but not there. */
export interface LinkMembers {
  readonly A: string;
  readonly B: string;
  readonly ABSENT: string;
}

const MEMBERS: LinkMembers = { A: 'm1.test', B: 'm2.test', ABSENT: 'm3.test' };
const ORDER_ID = '11111111-2222-4333-8444-555555555555';
const order: OrderRequest = { id: ORDER_ID, attempt: 2, attributes: { 'org.fogbowcloud.order.type': 'one-time' }, categories: [{ term: 't', scheme: 's#', class: 'kind' }] };
const GARBAGE = ' ä€😀\n\ttail <&>"\' ';

type Late = [from: string, id: string, outcome: Outcome<OrderReply>];
type Pair = { a: FederationLink; b: FederationLink; lab: LinkLab };

/** What every link must do, whatever carries it. Call inside a test file. */
export function describeFederationLink(name: string, open: () => Promise<LinkLab>, members = MEMBERS): void {
  const withPair = (test: (pair: Pair) => Promise<void>, prepare?: (pair: Pair) => void) => async (): Promise<void> => {
    const lab = await open();
    const pair = { a: lab.link(members.A), b: lab.link(members.B), lab };
    try {
      prepare?.(pair);
      await Promise.all([pair.a.start(), pair.b.start()]);
      await test(pair);
    } finally {
      await Promise.all([pair.a.stop(), pair.b.stop()]);
      await lab.close();
    }
  };
  describe(`${name}: requests`, () => requestTests(withPair, members));
  describe(`${name}: refusals`, () => refusalTests(withPair, members));
  describe(`${name}: sizes`, () => sizeTests(withPair, members));
  describe(`${name}: late replies`, () => lateReplyTests(withPair, members));
}

type WithPair = (test: (pair: Pair) => Promise<void>, prepare?: (pair: Pair) => void) => () => Promise<void>;

function requestTests(withPair: WithPair, { A, B, ABSENT }: LinkMembers): void {
  it('carries a request to the handler and its reply back', withPair(async ({ a, b }) => {
    expect([a.connected(), b.connected()]).toEqual([true, true]);
    const reply = await a.request(B, GETINSTANCE, { instanceId: 'i-1' });
    expect(reply).toEqual({ instanceId: 'i-1', state: 'RUNNING', attributes: { asked: A, text: GARBAGE } });
  }, ({ b }) => b.handle(GETINSTANCE, async (from, { instanceId }) => ({ instanceId, state: 'RUNNING', attributes: { asked: from, text: GARBAGE } }))));

  it('lets the other member go on in the name of the request, and begins a story where there is none', withPair(async ({ a }) => {
    const ask = async (): Promise<unknown> => (await a.request(B, GETINSTANCE, { instanceId: 'i-1' })).attributes['story'];
    expect(await withCorrelation({ requestId: 'story.1' }, ask)).toBe('story.1');
    expect(await Promise.all(['one', 'two'].map((requestId) => withCorrelation({ requestId }, ask)))).toEqual(['one', 'two']);
    expect(await ask()).toMatch(/^[0-9a-f-]{36}$/);
  }, ({ b }) => b.handle(GETINSTANCE, async (_from, { instanceId }) => ({ instanceId, state: 'RUNNING', attributes: { story: String(currentCorrelation()?.requestId) } }))));

  it('carries empty replies', withPair(async ({ a }) => {
    expect(await a.request(B, IAMALIVE, {})).toEqual({});
    expect(await a.request(B, REMOVEORDER, { orderId: ORDER_ID })).toEqual({});
  }, ({ b }) => {
    b.handle(IAMALIVE, async () => ({}));
    b.handle(REMOVEORDER, async () => EMPTY);
  }));

  it('keeps many requests at a time apart', withPair(async ({ a }) => {
    const wanted = Array.from({ length: 300 }, (_, index) => `i-${index}`);
    const replies = await Promise.all(wanted.map((instanceId) => a.request(B, GETINSTANCE, { instanceId })));
    expect(replies.map(({ instanceId }) => instanceId)).toEqual(wanted);
  }, ({ b }) => b.handle(GETINSTANCE, async (_from, { instanceId }) => ({ instanceId, attributes: {} }))));

  it('lets no more than maxInFlight wait', withPair(async ({ lab, b }) => {
    const c = lab.link(ABSENT, { maxInFlight: 1 });
    await c.start();
    const first = c.request(B, REMOVEORDER, { orderId: ORDER_ID }, { timeoutMs: 50 });
    await expect(c.request(B, REMOVEORDER, { orderId: ORDER_ID })).rejects.toMatchObject({ code: 'too-many-requests' });
    await expect(first).rejects.toMatchObject({ code: 'timeout' });
    expect(b.connected()).toBe(true);
    await c.stop();
  }, ({ b }) => b.handle(REMOVEORDER, async () => 'later')));
}

function refusalTests(withPair: WithPair, { B, ABSENT }: LinkMembers): void {
  it('keeps code and text of every error of the catalogue', withPair(async ({ a }) => {
    for (const code of Object.keys(ERROR_CATALOGUE)) {
      await expect(a.request(B, REMOVEINSTANCE, { instanceId: code })).rejects.toMatchObject({ code, message: `why ${code}` });
    }
  }, ({ b }) => b.handle(REMOVEINSTANCE, async (_from, { instanceId }) => { throw new FogbowError(instanceId as ErrorCode, `why ${instanceId}`); })));

  it('does not tell the peer what went wrong inside', withPair(async ({ a }) => {
    await expect(a.request(B, REMOVEINSTANCE, { instanceId: 'i' })).rejects.toMatchObject({ code: 'internal', message: ERROR_CATALOGUE.internal.meaning });
  }, ({ b }) => b.handle(REMOVEINSTANCE, async () => { throw new TypeError('secret-42'); })));

  it('refuses messages without a handler', withPair(async ({ a }) => {
    await expect(a.request(B, IAMALIVE, {})).rejects.toMatchObject({ code: 'method-not-allowed' });
  }));

  it('fails at once towards a member that is not there', withPair(async ({ a }) => {
    await expect(a.request(ABSENT, IAMALIVE, {}, { timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'unavailable' });
  }));

  it('gives up after the timeout, and when told to', withPair(async ({ a }) => {
    await expect(a.request(B, IAMALIVE, {}, { timeoutMs: 30 })).rejects.toMatchObject({ code: 'timeout' });
    const abort = new AbortController();
    const given = a.request(B, IAMALIVE, {}, { signal: abort.signal });
    abort.abort();
    await expect(given).rejects.toMatchObject({ code: 'unavailable' });
    await expect(a.request(B, IAMALIVE, {}, { signal: abort.signal })).rejects.toMatchObject({ code: 'unavailable' });
  }, ({ b }) => b.handle(IAMALIVE, async () => 'later')));

  it('fails at once before start and after stop, and fails what waits at stop', withPair(async ({ a, b, lab }) => {
    await expect(lab.link(ABSENT).request(B, IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    const waiting = expect(a.request(B, IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    await a.stop();
    await waiting;
    expect(a.connected()).toBe(false);
    await expect(a.request(B, IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(b.connected()).toBe(true);
  }, ({ b }) => b.handle(IAMALIVE, async () => 'later')));

  it('refuses what the wire cannot carry, and goes on', withPair(async ({ a }) => {
    await expect(a.request(B, REMOVEINSTANCE, { instanceId: 'nul \u0000' })).rejects.toMatchObject({ code: 'bad-syntax' });
    await expect(a.request(B, REMOVEINSTANCE, { instanceId: 'half \ud800' })).rejects.toMatchObject({ code: 'bad-syntax' });
    await expect(a.request(B, REMOVEINSTANCE, { instanceId: 'x'.repeat(600 * 1024) })).rejects.toMatchObject({ code: 'body-too-large' });
    expect(await a.request(B, REMOVEINSTANCE, { instanceId: 'x'.repeat(400 * 1024) })).toEqual({});
  }, ({ b }) => b.handle(REMOVEINSTANCE, async () => EMPTY)));
}

function sizeTests(withPair: WithPair, { B }: LinkMembers): void {
  it('counts what servers on the way make of a message', withPair(async ({ a }) => {
    // Of these characters a server may make six each.
    await expect(a.request(B, REMOVEINSTANCE, { instanceId: '"'.repeat(200 * 1024) })).rejects.toMatchObject({ code: 'body-too-large' });
    expect(await a.request(B, REMOVEINSTANCE, { instanceId: '"\''.repeat(40 * 1024) })).toEqual({});
    expect(await a.request(B, REMOVEINSTANCE, { instanceId: '"' })).toEqual({});
  }, ({ b }) => b.handle(REMOVEINSTANCE, async () => EMPTY)));

  it('says so when a reply is too large', withPair(async ({ a }) => {
    await expect(a.request(B, GETINSTANCE, { instanceId: 'i' })).rejects.toMatchObject({ code: 'body-too-large' });
    expect(a.connected()).toBe(true);
  }, ({ b }) => b.handle(GETINSTANCE, async (_from, { instanceId }) => ({ instanceId, attributes: { text: 'x'.repeat(600 * 1024) } }))));
}

function lateReplyTests(withPair: WithPair, { A, B, ABSENT }: LinkMembers): void {
  const listen = (link: FederationLink): (() => Promise<Late>) => {
    const arrived: Late[] = [];
    const waiting: ((late: Late) => void)[] = [];
    link.onLateReply(ORDER, (...late) => { const next = waiting.shift(); if (next) next(late); else arrived.push(late); });
    return () => new Promise((resolve) => { const late = arrived.shift(); if (late) resolve(late); else waiting.push(resolve); });
  };
  const handled = (link: FederationLink): Promise<[string, OrderRequest, string]> =>
    new Promise((resolve) => link.handle(ORDER, async (...received) => { resolve(received); return 'later'; }));
  const setUp = (pair: Pair): { next: () => Promise<Late>; received: ReturnType<typeof handled> } => ({ next: listen(pair.a), received: handled(pair.b) });

  it.each<[string, OrderReply | FogbowError, Outcome<OrderReply>]>([
    ['a result', { instanceId: 'i-7' }, { reply: { instanceId: 'i-7' } }],
    ['an error', new FogbowError('quota-exceeded', 'no room'), { error: expect.objectContaining({ code: 'quota-exceeded', message: 'no room' }) as FogbowError }],
  ])('brings %s of a post to the listener', async (_what, outcome, expected) => {
    let parts: ReturnType<typeof setUp>;
    await withPair(async ({ a, b }) => {
      await a.post(B, ORDER, order, { id: ORDER_ID });
      expect(await parts.received).toEqual([A, order, ORDER_ID]);
      await b.answer(A, ORDER, ORDER_ID, outcome);
      expect(await parts.next()).toEqual([B, ORDER_ID, expected]);
    }, (pair) => { parts = setUp(pair); })();
  });

  it('tells the listener when the member of a post is not there', async () => {
    let parts: ReturnType<typeof setUp>;
    await withPair(async ({ a }) => {
      await a.post(ABSENT, ORDER, order, { id: ORDER_ID });
      expect(await parts.next()).toEqual([ABSENT, ORDER_ID, { error: expect.objectContaining({ code: 'unavailable' }) }]);
    }, (pair) => { parts = setUp(pair); })();
  });

  it('tells the listener that a post does not fit the wire', async () => {
    let parts: ReturnType<typeof setUp>;
    await withPair(async ({ a }) => {
      const large = { ...order, attributes: { 'user-data': 'x'.repeat(600 * 1024) } };
      await a.post(B, ORDER, large, { id: ORDER_ID });
      expect(await parts.next()).toEqual([B, ORDER_ID, { error: expect.objectContaining({ code: 'body-too-large' }) }]);
    }, (pair) => { parts = setUp(pair); })();
  });

  it('brings the outcome to the next process of the asker', async () => {
    let parts: ReturnType<typeof setUp>;
    await withPair(async ({ a, b, lab }) => {
      await a.post(B, ORDER, order, { id: ORDER_ID });
      await parts.received;
      await a.stop();
      const restarted = lab.link(A);
      const next = listen(restarted);
      await restarted.start();
      await b.answer(A, ORDER, ORDER_ID, { instanceId: 'i-8' });
      expect(await next()).toEqual([B, ORDER_ID, { reply: { instanceId: 'i-8' } }]);
      await b.answer(A, ORDER, ORDER_ID, new FogbowError('no-valid-host', 'full'));
      expect(await next()).toEqual([B, ORDER_ID, { error: expect.objectContaining({ code: 'no-valid-host' }) }]);
      await restarted.stop();
    }, (pair) => { parts = setUp(pair); })();
  });
}
