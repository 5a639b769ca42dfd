import fc from 'fast-check';
import { memberPickerSuite } from '@fogbow/plugin-conformance';
import { NO_FAVOURS } from '@fogbow/request-model';
import { roundRobinPicker } from './round-robin-picker.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const picker = roundRobinPicker.create({}, host);

memberPickerSuite('picker-round-robin', () => picker);

describe('picker-round-robin', () => {
  it.each([
    [['c', 'a', 'b'], undefined, 'a'],
    [['c', 'a', 'b'], 'a', 'b'],
    [['c', 'a', 'b'], 'c', 'a'],
    [['d', 'a'], 'b', 'd'], // b has left: its place in the round is kept
    [['a'], 'a', 'a'],
  ])('of %j after %j picks %j', (candidates, previous, wanted) => {
    expect(picker.pick(candidates, previous, () => NO_FAVOURS)).toBe(wanted);
  });

  it('picks everybody once before anybody twice', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.string(), (members, first) => {
      let previous = first;
      const round = members.map(() => (previous = picker.pick(members, previous, () => NO_FAVOURS) as string));
      expect([...round].sort()).toEqual([...members].sort());
    }));
  });
});
