import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { FogbowError } from '@fogbow/plugin-contracts';
import { createMemoryNetwork, GETINSTANCE, INSTANCEBEINGUSED, ORDER, REMOVEINSTANCE, REMOVEORDER } from '@fogbow/messaging';
import type { FederationLink, OrderRequest, Outcome, OrderReply } from '@fogbow/messaging';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { createOrderStore } from '../orders/order-store.js';
import type { OrderStore } from '../orders/order-store.js';
import { createReleaseStore, purgeDeleted } from '../orders/release-store.js';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createCheckServedOrders } from './check-served-orders.js';
import { NO_USES } from '../orders/bind-order.js';
import { fromOrderRequest, toOrderRequest } from './order-on-the-wire.js';
import { isWanted, registerPeerHandlers } from './peer-handlers.js';
import { questionId } from './question-id.js';
import { moveAfterAnswer } from './receive-answer.js';
import { timedOut } from './resend-pending.js';
import { createTellRequesters } from './tell-requesters.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import { createServeOrder } from './serve-order.js';
import { createServedBooks } from './served-books.js';

const STRANGER = 'manager.x.test';
const TIMEOUT = { timeoutMs: 2000 };
let database: Kysely<unknown>;
let store: OrderStore;
beforeAll(async () => {
  database = await openTestDatabase();
  store = createOrderStore(database);
});
afterAll(() => database.destroy());
beforeEach(() => sql`truncate orders, order_history, releases, removed_orders`.execute(database));

const TOKEN = { accessId: '', userId: 'alice', userName: 'Alice' };

describe('an order on the wire', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
  const spec = fc.record({
    title: text, flavor: text, image: text, publicKey: text, requirements: fc.constantFrom('Glue2vCPU >= 2', 'Glue2RAM > 1024 && Glue2vCPU == 1'),
    userData: fc.array(fc.record({ content: text, contentType: fc.constantFrom('text/cloud-config', 'text/x-shellscript') }), { minLength: 1, maxLength: 3 }),
  }, { requiredKeys: [] });

  test('arrives as it was sent', () => {
    fc.assert(fc.property(spec, (given) => {
      const order = makeOrder({ spec: given });
      expect(fromOrderRequest(toOrderRequest(order, NO_USES, TOKEN))).toEqual({ kind: 'compute', batchId: order.batchId, spec: given, networkIds: [] });
    }));
  });

  test.each([
    ['storage', { sizeGb: 3, title: 'data' }],
    ['network', { network: { cidr: '10.1.0.0/24', gateway: '10.1.0.1', allocation: 'static' } }],
    ['network', { network: { cidr: '10.1.0.0/24', allocation: 'dynamic' } }],
  ] as const)('an order for %s arrives as it was sent', (kind, given) =>
    expect(fromOrderRequest(toOrderRequest(makeOrder({ kind, spec: given }), NO_USES, TOKEN))).toMatchObject({ kind, spec: given }));

  test.each([['one', ['n1']], ['several', ['n1', 'n2', 'n3']]])('a machine on %s networks names their ids in the peer’s cloud', (_name, ids) => {
    const uses = new Map(ids.map((id) => [`order of ${id}`, id]));
    const request = toOrderRequest(makeOrder({ spec: { networkOrderIds: [...uses.keys()] } }), uses, TOKEN);
    expect(fromOrderRequest(request).networkIds).toEqual(ids);
    expect(request.attributes['org.fogbowcloud.order.network-id']).toBe('n1');
  });

  test.each([
    ['an unknown kind', { 'org.fogbowcloud.order.resource-kind': 'teapot' }, 'cloud-rejected'],
    ['a volume without a size', { 'org.fogbowcloud.order.resource-kind': 'storage' }, 'bad-syntax'],
    ['a network without addresses', { 'org.fogbowcloud.order.resource-kind': 'network' }, 'bad-syntax'],
    ['requirements that cannot be read', { 'org.fogbowcloud.order.requirements': 'Glue2vCPU >' }, 'invalid-requirements'],
    ['a machine on more networks than anybody may name', { 'org.fogbowcloud.order.network-ids': Array.from({ length: 17 }, (_, index) => `n${index}`).join(',') }, 'bad-syntax'],
    ['user data that is no base64 JSON', { 'org.fogbowcloud.order.user-data-parts': '%%%' }, 'bad-syntax'],
    ['user data with a NUL', { 'org.fogbowcloud.order.user-data-parts': Buffer.from(JSON.stringify([{ content: 'a\0', contentType: 'text/cloud-config' }])).toString('base64') }, 'bad-syntax'],
    ['user data of another shape', { 'org.fogbowcloud.order.user-data-parts': Buffer.from('[{"content":1}]').toString('base64') }, 'bad-syntax'],
  ])('%s is refused', (_name, attributes, code) => {
    let refused: unknown;
    try { fromOrderRequest({ id: '1', attributes: attributes as Record<string, string>, categories: [] }); } catch (error) { refused = error; }
    expect(refused).toMatchObject({ code });
  });
});

describe('what other members ask', () => {
  const network = createMemoryNetwork();
  const [self, peer, stranger] = [network.link(SELF), network.link(PEER), network.link(STRANGER)];
  const woken: string[] = [];
  const deletion = () => ({
    self: SELF, store, releases: createReleaseStore(database), purge: (id?: string) => purgeDeleted(database, id),
    wakeUp: (duty: string) => void woken.push(duty), checkpoints: createCheckpoints<CrashStep>(undefined),
  });
  const told: string[] = [];
  const OUTSIDER = 'manager.o.test';
  const checkAdmitted = (from: string): Promise<void> => (from === OUTSIDER ? Promise.reject(new FogbowError('forbidden', 'Not you.')) : Promise.resolve());
  const EXPIRED = 'expired';
  const identity: Pick<ForwardedIdentity, 'prove'> = {
    prove: (_from, token) => (token?.accessId === EXPIRED ? Promise.reject(new FogbowError('forbidden', 'It has expired.')) : Promise.resolve({ id: token?.userId ?? '', name: token?.userName ?? '' })),
  };
  const nobodySilent = () => Promise.resolve(new Map<string, number>());
  beforeAll(async () => {
    registerPeerHandlers(self, {
      ...deletion(), served: createServedBooks(database), checkAdmitted, admit: (_from, _wish, takeIn) => takeIn(), identity, tellRequesters: (ids) => void told.push(...ids), wait: () => Promise.resolve(new Map()),
      local: {
        request: () => Promise.reject(new Error('not asked here')),
        release: () => Promise.reject(new Error('not asked here')),
        describe: (orders) => Promise.resolve(new Map(orders.map((order) => [order.id, { kind: 'present', state: 'active', reachable: true, instance: { id: order.instance?.id ?? '' } }]))),
      },
    });
    await Promise.all([self, peer, stranger].map((link) => link.start()));
  });
  afterAll(() => Promise.all([self, peer, stranger].map((link) => link.stop())));
  beforeEach(() => { woken.length = told.length = 0; });

  const wish = (id: string, attempt = 1): OrderRequest => ({ ...toOrderRequest(makeOrder({ id, requester: PEER, incarnation: attempt }), NO_USES, TOKEN) });
  /** Asks, and waits until it was answered or taken. */
  const ask = async (from: FederationLink, request: OrderRequest): Promise<Outcome<OrderReply> | 'later'> => {
    const answer = new Promise<Outcome<OrderReply>>((resolve) => from.onLateReply(ORDER, (_from, id, outcome) => { if (id === request.id) resolve(outcome); }));
    await from.post(SELF, ORDER, request, { id: request.id });
    let answered = false;
    const served = (async () => {
      while (!answered && !woken.includes('place-orders')) await new Promise(setImmediate);
      return 'later' as const;
    })();
    return await Promise.race([answer, served]).finally(() => { answered = true; });
  };
  const serve = async (changes: Parameters<typeof newOrder>[0] = {}): Promise<OrderRecord> => {
    const order = newOrder({ requester: PEER, ...changes });
    await store.insert([order]);
    return (await store.get(order.id)) as OrderRecord;
  };
  const fulfil = async (order: OrderRecord): Promise<void> =>
    void await store.move([{ ...moveBy(order, 'accepted-here', '', { patch: { provider: SELF, instance: { id: `vm-${order.id}` } } }), events: ['accepted-here', 'ready'] }]);
  const failing = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error: FogbowError) => error.code);

  test('an order is served once, however often its attempt is asked for', async () => {
    const id = randomUUID();
    expect(await ask(peer, wish(id))).toBe('later');
    // An answer that comes later is none yet.
    const again = await Promise.all([1, 2, 3].map(() => failing(peer.request(SELF, ORDER, wish(id), { timeoutMs: 200 }))));
    expect(again).toEqual(['timeout', 'timeout', 'timeout']);
    expect(await store.get(id)).toMatchObject({ requester: PEER, incarnation: 1, type: 'one-time', state: 'open' });
  });

  test('an order that is asked for twice at the same moment is one order', async () => {
    const id = randomUUID();
    const both = await Promise.all([1, 2, 3, 4].map(() => failing(peer.request(SELF, ORDER, wish(id), { timeoutMs: 300 }))));
    expect(both).toEqual(['timeout', 'timeout', 'timeout', 'timeout']);
    expect(await store.history(id)).toHaveLength(1);
  });

  test('asked again after the machine is there, the answer is the machine', async () => {
    const order = await serve();
    await fulfil(order);
    expect(await ask(peer, wish(order.id))).toEqual({ reply: { instanceId: `vm-${order.id}` } });
  });

  test('asked again after it ended, its requester is told again', async () => {
    const order = await serve();
    await store.move([moveBy(order, 'gave-up', 'no room')]);
    await peer.post(SELF, ORDER, wish(order.id), { id: order.id });
    while (!told.includes(order.id)) await new Promise(setImmediate);
  });

  test('a later attempt removes the earlier first; an earlier one is refused; a removed one too', async () => {
    const order = await serve({ incarnation: 2 });
    await fulfil(order);
    expect(await ask(peer, wish(order.id, 1))).toMatchObject({ error: { code: 'not-found' } });
    expect(await ask(peer, wish(order.id, 3))).toMatchObject({ error: { code: 'conflict' } });
    expect(await store.get(order.id)).toMatchObject({ state: 'deleted' });
    // The refused question comes again when nothing is in its way any more: nobody wants it then.
    await sql`truncate releases`.execute(database);
    await purgeDeleted(database, order.id);
    expect(await ask(peer, wish(order.id, 3))).toMatchObject({ error: { code: 'not-found' } });
    expect(await ask(peer, wish(order.id, 4))).toBe('later');
    woken.length = 0;
    const other = randomUUID();
    expect(await failing(peer.request(SELF, REMOVEORDER, { orderId: other, attempt: 4 }, TIMEOUT))).toBe('done');
    expect(await ask(peer, wish(other, 4))).toMatchObject({ error: { code: 'not-found' } });
    expect(await ask(peer, wish(other, 5))).toBe('later');
  });

  test.each([0, 1_000_000_000])('attempt %d is refused', async (attempt) => {
    expect(await ask(peer, wish(randomUUID(), attempt))).toMatchObject({ error: { code: 'bad-syntax' } });
  });

  test('a removal is confirmed when nothing is left, and only then', async () => {
    const order = await serve();
    await fulfil(order);
    const remove = () => failing(peer.request(SELF, REMOVEORDER, { orderId: order.id, attempt: 1 }, TIMEOUT));
    expect(await remove()).toBe('conflict');
    expect(await store.get(order.id)).toMatchObject({ state: 'deleted' });
    await sql`truncate releases`.execute(database);
    await purgeDeleted(database, order.id);
    expect(await remove()).toBe('done');
  });

  test('an original, which names no attempt, hears at once that its removal is written down', async () => {
    const order = await serve();
    await fulfil(order);
    expect(await failing(peer.request(SELF, REMOVEORDER, { orderId: order.id }, TIMEOUT))).toBe('done');
    expect(await store.get(order.id)).toMatchObject({ state: 'deleted' });
  });

  test('a stranger learns and changes nothing about the orders of others', async () => {
    const served = await serve();
    await fulfil(served);
    const own = newOrder();
    await store.insert([own]);
    const before = [await store.get(served.id), await store.get(own.id)];
    const instanceId = `vm-${served.id}`;
    const codes = await Promise.all([
      stranger.request(SELF, GETINSTANCE, { instanceId }, TIMEOUT),
      stranger.request(SELF, REMOVEINSTANCE, { instanceId }, TIMEOUT),
      stranger.request(SELF, REMOVEORDER, { orderId: served.id, attempt: 1 }, TIMEOUT),
      stranger.request(SELF, REMOVEORDER, { orderId: own.id, attempt: 1 }, TIMEOUT),
      stranger.request(SELF, INSTANCEBEINGUSED, { orderId: own.id }, TIMEOUT),
      stranger.request(SELF, INSTANCEBEINGUSED, { orderId: served.id }, TIMEOUT),
      stranger.request(SELF, INSTANCEBEINGUSED, { orderId: 'no id' }, TIMEOUT),
    ].map((work) => failing(work)));
    expect(codes).toEqual(['not-found', 'not-found', 'forbidden', 'forbidden', 'not-found', 'not-found', 'not-found']);
    expect(await ask(stranger, wish(served.id))).toMatchObject({ error: { code: 'forbidden' } });
    expect(await ask(stranger, wish(own.id))).toMatchObject({ error: { code: 'forbidden' } });
    expect([await store.get(served.id), await store.get(own.id)]).toEqual(before);
    expect(await failing(peer.request(SELF, GETINSTANCE, { instanceId }, TIMEOUT))).toBe('done');
  });

  test('an attempt whose token was not good is not granted when it comes again with a good one: its requester has gone on', async () => {
    const id = randomUUID();
    expect(await ask(peer, { ...wish(id), token: { ...TOKEN, accessId: EXPIRED } })).toMatchObject({ error: { code: 'forbidden' } });
    expect(await ask(peer, wish(id))).toMatchObject({ error: { code: 'not-found' } });
    expect(await ask(peer, wish(id, 2))).toBe('later');
  });

  describe('an original, which asks anew under the same id', () => {
    const uncounted = (id: string): OrderRequest => {
      const { attempt: _attempt, ...request } = wish(id);
      return request;
    };
    const past = (seconds: number) => sql`update removed_orders set at = at - make_interval(secs => ${seconds})`.execute(database);

    test('is served after it was refused', async () => {
      const refused = await serve({ incarnation: 0 });
      await store.move([moveBy(refused, 'gave-up', 'no room')]);
      const tell = createTellRequesters({
        deletion: deletion(), checkpoints: createCheckpoints<CrashStep>(undefined), log: silentLogger, link: { ...self, answer: () => Promise.resolve() },
        rememberRemoved: (order) => createServedBooks(database).rememberRemoved(order.requester, order.id, order.incarnation),
      });
      await tell([refused.id]);
      expect(await store.get(refused.id)).toBeUndefined();
      expect(await ask(peer, uncounted(refused.id))).toBe('later');
    });

    test('gets another instance for the one that it removed, but not by a question that was on its way', async () => {
      const order = await serve({ incarnation: 0 });
      await fulfil(order);
      expect(await failing(peer.request(SELF, REMOVEINSTANCE, { instanceId: `vm-${order.id}` }, TIMEOUT))).toBe('done');
      await sql`truncate releases`.execute(database);
      await purgeDeleted(database, order.id);
      expect(await ask(peer, uncounted(order.id))).toMatchObject({ error: { code: 'not-found' } });
      await past(30);
      expect(await ask(peer, uncounted(order.id))).toBe('later');
      woken.length = 0;
      // Who counts its attempts never means an old one.
      const counted = randomUUID();
      await failing(peer.request(SELF, REMOVEORDER, { orderId: counted, attempt: 1 }, TIMEOUT));
      await past(30);
      expect(await ask(peer, wish(counted))).toMatchObject({ error: { code: 'not-found' } });
    });
  });

  test('who is not admitted leaves nothing behind, whatever it asks for', async () => {
    const outsider = network.link(OUTSIDER);
    await outsider.start();
    expect(await ask(outsider, wish(randomUUID()))).toMatchObject({ error: { code: 'forbidden' } });
    expect(await ask(outsider, { ...wish(randomUUID()), attributes: { 'org.fogbowcloud.order.requirements': 'Glue2vCPU >' } })).toMatchObject({ error: { code: 'forbidden' } });
    expect(await failing(outsider.request(SELF, REMOVEORDER, { orderId: randomUUID(), attempt: 1 }, TIMEOUT))).toBe('done');
    const { rows } = await sql`select from removed_orders`.execute(database);
    expect(rows).toHaveLength(0);
    const earlier = await serve({ requester: OUTSIDER });
    expect(await failing(outsider.request(SELF, REMOVEORDER, { orderId: earlier.id, attempt: 1 }, TIMEOUT))).toBe('done');
    expect(await store.get(earlier.id)).toBeUndefined();
    await outsider.stop();
  });

  test('the id of an order that is gone serves nobody else, nor another size: its account is of the first', async () => {
    const settle = async (order: OrderRecord): Promise<void> => {
      await fulfil(order);
      await store.move([moveBy((await store.get(order.id)) as OrderRecord, 'deleted', '')]);
      await purgeDeleted(database, order.id);
    };
    const [own, served] = [newOrder(), await serve({ spec: { flavor: 'small' } })];
    await store.insert([own]);
    await settle((await store.get(own.id)) as OrderRecord);
    await settle(served);
    const large = toOrderRequest(makeOrder({ id: served.id, requester: PEER, incarnation: 2, spec: { flavor: 'large' } }), NO_USES, TOKEN);
    expect(await ask(peer, wish(own.id))).toMatchObject({ error: { code: 'forbidden' } });
    expect(await ask(peer, large)).toMatchObject({ error: { code: 'forbidden' } });
    expect([await store.get(own.id), await store.get(served.id)]).toEqual([undefined, undefined]);
    expect(await ask(peer, { ...large, categories: toOrderRequest(makeOrder({ spec: { flavor: 'small' } }), NO_USES, TOKEN).categories })).toBe('later');
  });

  test('an order of somebody else that is stored at the same moment under the same id is not touched', async () => {
    const theirs = newOrder({ requester: STRANGER });
    const serveHere = createServeOrder({
      ...deletion(), served: createServedBooks(database), checkAdmitted, tellRequesters: () => undefined,
      async admit(from, _wish, takeIn) {
        await store.insert([theirs]);
        await takeIn();
        await createServedBooks(database).rememberRemoved(from, theirs.id, 1);
      },
    });
    await expect(serveHere(PEER, { id: theirs.id, attempt: 1, read: () => Promise.resolve(newOrder()) })).rejects.toMatchObject({ code: 'forbidden' });
    expect(await store.get(theirs.id)).toMatchObject({ requester: STRANGER, state: 'open' });
  });

  test.each<[string, object, string | undefined, boolean]>([
    ['fulfilled by it', { state: 'fulfilled' }, `vm-1@${PEER}`, true],
    ['fulfilled by it, which names it without its member', { state: 'fulfilled' }, 'vm-1', true],
    ['fulfilled by another instance of that member', { state: 'fulfilled' }, `vm-2@${PEER}`, false],
    ['fulfilled, and asked about no instance', { state: 'fulfilled' }, undefined, true],
    ['that has not heard of an instance yet', { state: 'pending', instance: undefined }, `vm-2@${PEER}`, true],
    ['that is being deleted', { state: 'deleted' }, `vm-1@${PEER}`, true],
    ['that is closed', { state: 'closed' }, `vm-1@${PEER}`, false],
    ['that is with another member', { state: 'fulfilled', provider: STRANGER }, `vm-1@${STRANGER}`, false],
  ])('an instance is wanted by an order %s', (_what, order, instanceId, wanted) => {
    const known = { requester: SELF, provider: PEER, state: 'fulfilled' as const, instance: { id: 'vm-1' }, ...order };
    expect(isWanted(known, { provider: PEER, instanceId }, SELF)).toBe(wanted);
  });

  test('a database that is away is no reason to say that a machine is unwanted', async () => {
    const order = newOrder();
    await store.insert([order]);
    await store.move([moveBy((await store.get(order.id)) as OrderRecord, 'sent-away', '', { patch: { provider: PEER } })]);
    expect(await failing(peer.request(SELF, INSTANCEBEINGUSED, { orderId: order.id }, TIMEOUT))).toBe('done');
    await sql`alter table orders rename to hidden`.execute(database);
    const answer = await failing(peer.request(SELF, INSTANCEBEINGUSED, { orderId: order.id }, TIMEOUT));
    await sql`alter table hidden rename to orders`.execute(database);
    expect(answer).toBe('internal');
  });

  test('the duty frees what its requester does not know, keeps what it wants, and tells ends that nobody told', async () => {
    const [wanted, unwanted, ended] = [await serve(), await serve(), await serve()];
    await Promise.all([fulfil(wanted), fulfil(unwanted), store.move([moveBy(ended, 'gave-up', 'no room')])]);
    const asked: string[] = [];
    const check = createCheckServedOrders({
      self: SELF, deletion: deletion(), silence: nobodySilent, abandonAfterMs: 1000, timeoutMs: 500, log: silentLogger, now: () => new Date(), tellRequesters: (ids) => void told.push(...ids),
      link: {
        ...self,
        request: ((_to: string, _message: unknown, { orderId }: { orderId: string }) => {
          asked.push(orderId);
          return orderId === unwanted.id ? Promise.reject(new FogbowError('not-found', '')) : Promise.resolve({});
        }) as unknown as FederationLink['request'],
      },
    });
    await check(new AbortController().signal);
    expect(asked.sort()).toEqual([wanted.id, unwanted.id].sort());
    expect([(await store.get(wanted.id))?.state, (await store.get(unwanted.id))?.state, told]).toEqual(['fulfilled', 'deleted', [ended.id]]);
  });

  test.each([['just now is kept for who waits for it', 1000, 'failed'], ['long ago is forgotten', 20_000, undefined]])('an original’s attachment that ended %s', async (_name, ago, state) => {
    const ended = await serve({ kind: 'attachment', incarnation: 0 });
    await store.move([moveBy(ended, 'gave-up', 'attached already')]);
    const check = createCheckServedOrders({
      self: SELF, deletion: deletion(), silence: nobodySilent, abandonAfterMs: 1000, timeoutMs: 500, log: silentLogger, tellRequesters: () => undefined,
      now: () => new Date(Date.now() + ago), link: { ...self, request: () => Promise.reject(new Error('not asked here')) },
    });
    await check(new AbortController().signal);
    expect((await store.get(ended.id))?.state).toBe(state);
  });

  test.each([['gone for too long', 2000, 'deleted'], ['away for a while', 500, 'fulfilled'], ['never named', undefined, 'fulfilled']])('a requester that is silent and %s', async (_name, ms, state) => {
    const orders = [await serve(), await serve()];
    await Promise.all(orders.map(fulfil));
    const check = createCheckServedOrders({
      self: SELF, deletion: deletion(), silence: () => Promise.resolve(new Map(ms === undefined ? [] : [[PEER, ms]])), abandonAfterMs: 1000, timeoutMs: 500, log: silentLogger, now: () => new Date(), tellRequesters: () => undefined,
      link: { ...self, request: () => Promise.reject(new FogbowError('timeout', '')) },
    });
    await check(new AbortController().signal);
    expect(await Promise.all(orders.map(async ({ id }) => (await store.get(id))?.state))).toEqual([state, state]);
  });

  test('requesters are told of ends and machines; an order that ended is forgotten, and refused from then on', async () => {
    const [ready, ended] = [await serve(), await serve()];
    await Promise.all([fulfil(ready), store.move([moveBy(ended, 'gave-up', 'no room', { patch: { failure: 'quota-exceeded' } })])]);
    const answers: unknown[] = [];
    const tell = createTellRequesters({
      deletion: deletion(), checkpoints: createCheckpoints<CrashStep>(undefined), log: silentLogger,
      rememberRemoved: (order) => createServedBooks(database).rememberRemoved(order.requester, order.id, order.incarnation),
      link: { ...self, answer: (to, _message, id, outcome) => { answers.push([to, id, outcome instanceof FogbowError ? outcome.code : outcome]); return Promise.resolve(); } },
    });
    await tell([ready.id]);
    await tell([ended.id]);
    expect(answers).toEqual([[PEER, questionId(ready), { instanceId: `vm-${ready.id}` }], [PEER, questionId(ended), 'quota-exceeded']]);
    expect(await store.get(ended.id)).toBeUndefined();
    expect(await ask(peer, wish(ended.id))).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('answers of a provider', () => {
  const pending = makeOrder({ state: 'pending', provider: PEER });
  const options = { now: () => NOW, retryMs: 1000 };
  const refused = (code: ConstructorParameters<typeof FogbowError>[0]) => moveAfterAnswer(pending, PEER, { error: new FogbowError(code, 'no') }, options);

  test('a machine moves the order on', () => {
    expect(moveAfterAnswer(pending, PEER, { reply: { instanceId: 'vm' } }, options)).toMatchObject({ events: ['answered'], patch: { instance: { id: 'vm' } } });
  });
  test.each(['quota-exceeded', 'no-valid-host', 'cloud-rejected', 'not-found'] as const)('%s opens it again, and nothing can be left', (code) => {
    expect(refused(code)).toMatchObject({ events: ['turned-down'], patch: { incarnation: 2, provider: null, failure: code } });
    expect(refused(code).release).toBeUndefined();
  });
  test.each(['internal', 'unavailable', 'timeout', 'too-many-requests'] as const)('%s says nothing about a machine, which is removed should it be there', (code) => {
    expect(refused(code)).toMatchObject({ events: ['turned-down'], release: [PEER] });
  });
  test('silence opens it again, and what comes later is removed', () => {
    expect(timedOut(pending, NOW, 1000)).toMatchObject({ events: ['timed-out'], release: [PEER], patch: { refusals: { [PEER]: { code: 'timeout' } } } });
  });
});
