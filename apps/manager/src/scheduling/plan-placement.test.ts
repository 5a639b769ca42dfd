import fc from 'fast-check';
import { NO_FAVOURS, NOTHING } from '@fogbow/request-model';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { planOrders } from './plan-orders.js';
import { planPlacement } from './plan-placement.js';
import type { PlacementFacts } from './plan-placement.js';

const THIRD = 'manager.c.test';
const first = { usesFavours: false, pick: (candidates: readonly string[]): string | undefined => candidates[0] };
const room = (instances: number, used = 0): PlacementFacts['room'] => ({ limit: { instances, vcpu: 100, ramMb: 100_000 }, used: { instances: used, vcpu: used, ramMb: used } });
const facts = (changes: Partial<PlacementFacts> = {}): PlacementFacts => ({
  kinds: ['compute', 'storage', 'network', 'attachment'], needs: new Map(),
  self: SELF, now: NOW, flavors: [{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }], room: room(2), taken: NOTHING, members: [PEER, THIRD], kept: [], toldRoom: new Map(), barred: new Map(), picker: first, favoursOf: () => NO_FAVOURS, previousPick: undefined, retryMs: 1000, ...changes,
});
const later = new Date(NOW.getTime() + 60_000).toISOString();
const earlier = new Date(NOW.getTime() - 1).toISOString();

describe('planning', () => {
  test.each([
    ['room at home', makeOrder(), facts(), { where: 'here' }],
    ['a cloud that does not tell its room is asked', makeOrder(), facts({ room: undefined }), { where: 'here' }],
    ['no room at home', makeOrder(), facts({ room: room(2, 2) }), { where: 'member', member: PEER }],
    ['room taken in this round', makeOrder(), facts({ taken: { instances: 2, vcpu: 2, ramMb: 0 } }), { where: 'member', member: PEER }],
    ['refused at home a moment ago', makeOrder({ refusals: { [SELF]: { until: later, code: 'no-valid-host', reason: '' } } }), facts(), { where: 'member', member: PEER }],
    ['refused at home long ago', makeOrder({ refusals: { [SELF]: { until: earlier, code: 'no-valid-host', reason: '' } } }), facts(), { where: 'here' }],
    ['the peer refused too', makeOrder({ refusals: { [PEER]: { until: later, code: 'quota-exceeded', reason: '' } } }), facts({ room: room(0) }), { where: 'member', member: THIRD }],
    ['home excluded by requirements', makeOrder({ spec: { requirements: `Glue2CloudComputeManagerID == "${THIRD}"` } }), facts(), { where: 'member', member: THIRD }],
    ['home named by requirements', makeOrder({ spec: { requirements: `Glue2CloudComputeManagerID == "${SELF}"` } }), facts({ room: room(0) }), { where: 'wait', code: 'quota-exceeded' }],
    ['nobody else alive', makeOrder(), facts({ room: room(0), members: [] }), { where: 'wait', code: 'quota-exceeded' }],
    ['refused for good by all', makeOrder({ refusals: { [SELF]: { until: later, code: 'cloud-rejected', reason: '' } } }), facts({ members: [] }), { where: 'nowhere', code: 'cloud-rejected' }],
    ['refused for good by the only one that it wants', makeOrder({ spec: { requirements: `Glue2CloudComputeManagerID == "${SELF}"` }, refusals: { [SELF]: { until: later, code: 'cloud-rejected', reason: '' } } }), facts(), { where: 'nowhere', code: 'cloud-rejected' }],
    ['wanting one that is not alive', makeOrder({ spec: { requirements: 'Glue2CloudComputeManagerID == "manager.d.test"' } }), facts(), { where: 'wait' }],
    ['refused for good at home, others may help', makeOrder({ refusals: { [SELF]: { until: later, code: 'cloud-rejected', reason: '' } } }), facts(), { where: 'member' }],
    ['a served order with room', makeOrder({ requester: PEER }), facts(), { where: 'here' }],
    ['a served order without room never waits or travels on', makeOrder({ requester: PEER }), facts({ room: room(0) }), { where: 'nowhere', code: 'quota-exceeded' }],
    ['waits no longer than its validity', makeOrder({ validUntil: new Date(NOW.getTime() + 400) }), facts({ room: room(0), members: [] }), { where: 'wait', inMs: 400 }],
    ['waits for others where there is no cloud', makeOrder(), facts({ kinds: [], members: [] }), { where: 'wait', code: 'no-valid-host', reason: 'this member has no cloud of its own; no other member is alive' }],
    ['goes away where there is no cloud', makeOrder(), facts({ kinds: [], members: [PEER] }), { where: 'member', member: PEER }],
    ['waits no longer than a refusal', makeOrder({ refusals: { [PEER]: { until: new Date(NOW.getTime() + 200).toISOString(), code: 'conflict', reason: '' } } }), facts({ room: room(0), members: [PEER] }), { where: 'wait', inMs: 200 }],
    ['waits the usual time for a refusal that ends later', makeOrder({ refusals: { [PEER]: { until: later, code: 'no-valid-host', reason: '' }, [THIRD]: { until: earlier, code: 'no-valid-host', reason: '' } } }), facts({ room: room(0), members: [PEER] }), { where: 'wait', inMs: 1000 }],
    ['validity over', makeOrder({ validUntil: NOW }), facts(), { where: 'expired' }],
    ['validity not begun', makeOrder({ validFrom: new Date(NOW.getTime() + 5000) }), facts(), { where: 'wait', inMs: 5000 }],
  ])('%s', (_name, order, given, placement) => expect(planPlacement(order, given).placement).toMatchObject(placement));

  describe('what needs others', () => {
    const network = (provider: string) => makeOrder({ id: 'n', kind: 'network', state: 'fulfilled', provider, instance: { id: 'net' } });
    const planOn = (provider: string, more: Partial<PlacementFacts>) => planPlacement(makeOrder({ spec: { networkOrderIds: ['n'] } }), facts({ needs: new Map([['n', network(provider)]]), ...more })).placement;
    test.each([
      ['goes where they are', PEER, {}, { where: 'member', member: PEER, uses: new Map([['n', 'net']]) }],
      ['waits for room where they are, though others have some', SELF, { room: room(0) }, { where: 'wait', code: 'quota-exceeded', reason: `no room: instances used up; network n is at ${SELF}` }],
      ['waits for the member where they are', PEER, { members: [THIRD] }, { where: 'wait', reason: `network n is at ${PEER}; that member is not alive now` }],
    ])('%s', (_name, provider, more, placement) => expect(planOn(provider, more)).toMatchObject(placement));
  });

  test.each([
    ['volumes', { kind: 'storage', spec: { sizeGb: 4 } }, { volumes: 3, volumeGb: 100 }, 3],
    ['the size of volumes', { kind: 'storage', spec: { sizeGb: 4 } }, { volumes: 9, volumeGb: 10 }, 2],
    ['networks', { kind: 'network', spec: { network: { cidr: '10.0.0.0/24', allocation: 'dynamic' } } }, { networks: 2 }, 2],
  ] as const)('%s of one batch count together', async (_name, wish, limit, fits) => {
    const given = facts({ room: { limit: { ...room(0)?.limit ?? NOTHING, ...limit }, used: { ...NOTHING, volumes: 0, volumeGb: 0, networks: 0 } }, members: [] });
    const same = (known: PlacementFacts): Promise<PlacementFacts> => Promise.resolve(known);
    const source = { withMembers: same, withNeeds: same, withRoom: same };
    const planned = await planOrders(source, Array.from({ length: 5 }, (_one, index) => makeOrder({ id: `o${index}`, ...wish })), given);
    expect(planned.map(({ placement }) => placement.where)).toEqual(Array.from({ length: 5 }, (_one, index) => (index < fits ? 'here' : 'wait')));
  });

  test('explains every member', () => {
    const plan = planPlacement(makeOrder({ refusals: { [PEER]: { until: later, code: 'quota-exceeded', reason: 'full' } } }), facts({ room: room(0) }));
    expect(plan.explanation).toEqual([
      { member: SELF, verdict: 'no room: instances used up' },
      { member: PEER, verdict: 'refused a moment ago: full' },
      { member: THIRD, verdict: 'chosen among those that may serve it' },
    ]);
  });

  test.each([
    ['no machines left', { instances: 0, vcpu: 9, ramMb: 9999 }, THIRD],
    ['too little memory for the flavor', { instances: 9, vcpu: 9, ramMb: 511 }, THIRD],
    ['just enough', { instances: 1, vcpu: 1, ramMb: 512 }, PEER],
  ])('asks a member that tells %s in its turn', (_name, told, chosen) => {
    const plan = planPlacement(makeOrder(), facts({ room: room(0), toldRoom: new Map([[PEER, told]]) }));
    expect(plan.placement).toMatchObject({ where: 'member', member: chosen });
    expect(plan.explanation.find(({ member }) => member === PEER)?.verdict).toBe(chosen === PEER ? 'chosen among those that may serve it' : 'may serve it, but says that it has no room');
  });

  test('asks those who tell that they are full when there is nobody else, for they may make room', () => {
    const full = { instances: 0, vcpu: 0, ramMb: 0 };
    const order = makeOrder({ refusals: { [THIRD]: { until: later, code: 'quota-exceeded', reason: '' } } });
    expect(planPlacement(order, facts({ room: room(0), toldRoom: new Map([[PEER, full], [THIRD, full]]) })).placement).toMatchObject({ where: 'member', member: PEER });
  });

  test('never chooses a member that is not alive, excluded or refusing, nor ourselves as a member', () => {
    const members = fc.uniqueArray(fc.constantFrom(SELF, PEER, THIRD, 'manager.d.test'));
    fc.assert(fc.property(members, members, fc.integer({ min: 0, max: 2 }), fc.boolean(), (alive, refusing, free, served) => {
      const refusals = Object.fromEntries(refusing.map((member) => [member, { until: later, code: 'quota-exceeded' as const, reason: '' }]));
      const order = makeOrder({ refusals, requester: served ? PEER : SELF });
      const { placement } = planPlacement(order, facts({ members: alive, room: room(free) }));
      if (placement.where === 'member') {
        expect(served).toBe(false);
        expect(alive).toContain(placement.member);
        expect([SELF, ...refusing]).not.toContain(placement.member);
      }
      if (placement.where === 'here') expect(free > 0 && !refusing.includes(SELF)).toBe(true);
    }));
  });
});
