import fc from 'fast-check';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ResourceKind } from '@fogbow/request-model';
import { makeOrder, SELF } from '../testing/make-order.js';
import type { ReleaseOutcome, RequestOutcome } from '../fulfilment/instance-provider.js';
import type { RoomRefusal } from './remembered-room.js';
import { createCloudsProvider } from './clouds-provider.js';
import type { OwnCloud } from './clouds-provider.js';

const { signal } = new AbortController();
const grounds = { uses: new Map<string, string>() };

type Answer = 'yes' | 'full' | 'lost' | 'down' | 'slow';

/** A cloud that answers creates as it is told; `lost` makes the machine and does not say so, `slow` neither makes nor says. */
function stage(name: string, answers: readonly Answer[] = [], { isSilent = false, kinds = ['compute'] as readonly ResourceKind[], release = { kind: 'gone' } as ReleaseOutcome } = {}) {
  const machines = new Set<string>();
  const asked: string[] = [];
  let next = 0;
  const refused = (code: 'quota-exceeded' | 'cloud-unavailable', uncertain: boolean): RequestOutcome => ({ kind: 'refused', code, reason: `${code} there`, uncertain });
  const cloud: OwnCloud = {
    name, kinds, holds: kinds,
    async has({ id }) {
      asked.push('has');
      if (isSilent || answers[next] === 'down') throw new FogbowError('cloud-unavailable', 'no answer');
      return machines.has(id);
    },
    limit: (given) => given,
    distrust: () => void asked.push('distrust'),
    roomRefusal: async (): Promise<RoomRefusal | undefined> => (answers[next] === 'down' || isSilent ? { code: 'cloud-unavailable', reason: 'no answer' } : undefined),
    provider: {
      async request({ id }): Promise<RequestOutcome> {
        asked.push('request');
        const answer = answers[next++] ?? 'yes';
        if (answer === 'full') return refused('quota-exceeded', false);
        if (answer === 'down' || answer === 'slow') return refused('cloud-unavailable', true);
        machines.add(id);
        return answer === 'lost' ? refused('cloud-unavailable', true) : { kind: 'accepted', instance: { id: `${name}~${id}` }, ready: true };
      },
      describe: async (orders) => new Map(orders.map(({ id }) => [id, isSilent ? { kind: 'unknown', reason: 'no answer' } : { kind: 'gone', reason: name }])),
      async release() {
        asked.push('release');
        return release;
      },
    },
  };
  return { cloud, machines, asked };
}
const over = (...staged: ReturnType<typeof stage>[]) => createCloudsProvider({ self: SELF, clouds: staged.map(({ cloud }) => cloud) });

describe('a request', () => {
  test('goes to the first that takes it, which the instance remembers unless it is the first of all', async () => {
    expect(await over(stage('main'), stage('lab')).request(makeOrder(), grounds, signal)).toMatchObject({ kind: 'accepted', instance: { id: expect.stringMatching(/^main~/) as string } });
    const [main, lab] = [stage('main', ['full']), stage('lab')];
    expect(await over(main, lab).request(makeOrder(), grounds, signal)).toMatchObject({ kind: 'accepted', instance: { cloud: 'lab' } });
  });

  test('passes over a cloud that does not answer, without asking it for anything', async () => {
    const [main, lab] = [stage('main', [], { isSilent: true }), stage('lab')];
    expect(await over(main, lab).request(makeOrder(), grounds, signal)).toMatchObject({ kind: 'accepted', instance: { cloud: 'lab' } });
    expect(main.asked).toEqual([]);
  });

  test('ends with all reasons where nobody takes it', async () => {
    const outcome = await over(stage('main', ['full']), stage('lab', [], { isSilent: true })).request(makeOrder(), grounds, signal);
    expect(outcome).toEqual({ kind: 'refused', code: 'quota-exceeded', reason: 'main: quota-exceeded there; lab: no answer', uncertain: false });
  });

  test('goes to no other cloud after an unclear answer', async () => {
    const [main, lab] = [stage('main', ['lost']), stage('lab')];
    expect(await over(main, lab).request(makeOrder(), grounds, signal)).toMatchObject({ kind: 'refused', uncertain: true, reason: 'main: cloud-unavailable there' });
    expect([main.asked, lab.asked]).toEqual([['request', 'distrust'], []]);
  });

  test('that was made before is looked for everywhere, and stays where it is found', async () => {
    const [main, lab] = [stage('main'), stage('lab', ['lost'])];
    const order = makeOrder({ spec: { requirements: 'FogbowCloud == "lab"' } });
    await over(main, lab).request(order, grounds, signal);
    expect(await over(main, lab).request({ ...order, attempts: 2, spec: {} }, grounds, signal)).toMatchObject({ kind: 'accepted', instance: { cloud: 'lab' } });
    expect(main.machines.size).toBe(0);
  });

  test('that was made before waits for a cloud that cannot tell', async () => {
    const [main, lab] = [stage('main', [], { isSilent: true }), stage('lab')];
    expect(await over(main, lab).request(makeOrder({ attempts: 2 }), grounds, signal)).toMatchObject({ kind: 'refused', code: 'cloud-unavailable', uncertain: true, reason: expect.stringMatching(/^the cloud main/) as string });
    expect([main.machines.size, lab.machines.size]).toEqual([0, 0]);
  });

  test('of a member with one cloud is asked of it at once, with its own words', async () => {
    const only = stage('main', ['full']);
    expect(await over(only).request(makeOrder({ attempts: 3 }), grounds, signal)).toEqual({ kind: 'refused', code: 'quota-exceeded', reason: 'quota-exceeded there', uncertain: false });
    expect(only.asked).toEqual(['request']);
  });

  test('never has two machines, whatever the clouds answer and however often it is repeated', async () => {
    const answers = fc.array(fc.constantFrom<Answer>('yes', 'full', 'lost', 'down', 'slow'), { maxLength: 6 });
    await fc.assert(fc.asyncProperty(answers, answers, answers, async (...given) => {
      const staged = given.map((one, index) => stage(['main', 'lab', 'den'][index] ?? '', one));
      const provider = over(...staged);
      for (let attempts = 1; attempts < 12; attempts += 1) await provider.request(makeOrder({ attempts }), grounds, signal);
      expect(staged.reduce((sum, { machines }) => sum + machines.size, 0)).toBeLessThanOrEqual(1);
    }));
  });
});

test('what a cloud has is looked for there, and is unknown where it cannot tell or has left', async () => {
  const orders = [makeOrder({ id: 'one' }), makeOrder({ id: 'two', instance: { id: 'lab~a', cloud: 'lab' } }), makeOrder({ id: 'three', instance: { id: 'left~a', cloud: 'left' } })];
  expect(await over(stage('main'), stage('lab', [], { isSilent: true })).describe(orders, signal)).toEqual(new Map([
    ['one', { kind: 'gone', reason: 'main' }], ['two', { kind: 'unknown', reason: 'no answer' }], ['three', { kind: 'unknown', reason: 'our cloud left is not configured any more' }],
  ]));
});

describe('a removal', () => {
  const target = { orderId: 'one', kind: 'compute' as const, incarnation: 1, member: SELF };
  const pending: ReleaseOutcome = { kind: 'pending', reason: 'no answer', inMs: 1000 };
  test.each<[string, object, string[], string]>([
    ['of what nobody has heard of asks all', {}, ['main', 'lab'], 'pending'],
    ['of what is known to be in the first asks that one', { cloud: '' }, ['main'], 'gone'],
    ['of what is known to be elsewhere asks there', { cloud: 'lab' }, ['lab'], 'pending'],
    ['of what is in a cloud that left waits', { cloud: 'left' }, [], 'pending'],
    ['asks those that can have such a thing', { kind: 'storage' }, ['den'], 'gone'],
  ])('%s', async (_name, more, asked, kind) => {
    const staged = { main: stage('main'), lab: stage('lab', [], { release: pending }), den: stage('den', [], { kinds: ['storage'] }) };
    expect(await over(staged.main, staged.lab, staged.den).release({ ...target, ...more }, signal)).toMatchObject({ kind });
    expect(Object.entries(staged).flatMap(([name, { asked: calls }]) => (calls.length > 0 ? [name] : []))).toEqual(asked);
  });
});
