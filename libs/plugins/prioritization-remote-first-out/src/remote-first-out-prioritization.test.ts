import fc from 'fast-check';
import { prioritizationPolicySuite } from '@fogbow/plugin-conformance';
import { NO_FAVOURS } from '@fogbow/request-model';
import { remoteFirstOutPrioritization } from './remote-first-out-prioritization.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const policy = remoteFirstOutPrioritization.create({}, host);
const facts = { self: 'a.example', favoursOf: () => NO_FAVOURS };
const holder = (id: string, requester: string, second: number) => ({ id, requester, since: new Date(second * 1000) });

prioritizationPolicySuite('prioritization-remote-first-out', () => policy);

describe('prioritization-remote-first-out', () => {
  const holders = [holder('b-old', 'b.example', 1), holder('b-new', 'b.example', 3), holder('own', 'a.example', 9), holder('c', 'c.example', 2)];
  it.each([
    ['a.example', holders, 'b-new'],
    ['a.example', holders.filter(({ id }) => id !== 'b-new'), 'c'],
    ['a.example', holders.filter(({ id }) => id === 'own'), undefined],
    ['b.example', holders, undefined],
    ['d.example', holders, undefined],
    ['a.example', [holder('y', 'c.example', 1), holder('x', 'b.example', 1)], 'x'], // as new as each other: by id
  ])('for an order of %s of %j it takes %s', (requester, present, victim) => {
    expect(policy.takeFrom({ id: 'new', requester }, present, facts).victim).toBe(victim);
  });

  it('takes the remote ones from the newest to the oldest, then nobody', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(1000), { maxLength: 10 }), (seconds) => {
      let left = seconds.map((second) => holder(String(second), 'b.example', second));
      const taken = seconds.map(() => {
        const { victim } = policy.takeFrom({ id: 'new', requester: 'a.example' }, left, facts);
        left = left.filter(({ id }) => id !== victim);
        return Number(victim);
      });
      expect(taken).toEqual([...seconds].sort((one, other) => other - one));
    }));
  });
});
