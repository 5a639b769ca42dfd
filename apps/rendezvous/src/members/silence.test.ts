import fc from 'fast-check';
import { decideMerge, heardAt, isSilent } from './silence.js';
import type { MergeDecision, MergeFacts } from './silence.js';

it.each([[0, false], [100, false], [101, true]])('after %i of 100 ms a member is silent: %s', (now, silent) => expect(isSilent(0, now, 100)).toBe(silent));

const facts: MergeFacts = { heardAt: 950, knownAt: 900, now: 1000, timeoutMs: 100, isFull: false };
it.each<[string, Partial<MergeFacts>, MergeDecision]>([
  ['newer news', {}, 'refresh'],
  ['the same news', { knownAt: 950 }, 'ignore'],
  ['older news', { knownAt: 960 }, 'ignore'],
  ['a member that is not known', { knownAt: undefined }, 'enter'],
  ['a member that is not known, when there is no room', { knownAt: undefined, isFull: true }, 'refuse'],
  ['a known one, when there is no room', { isFull: true }, 'refresh'],
  ['one at the end of its time', { heardAt: 900, knownAt: undefined }, 'enter'],
  ['a dead one', { heardAt: 899, knownAt: undefined }, 'ignore'],
])('decides over %s', (_what, change, decision) => expect(decideMerge({ ...facts, ...change })).toBe(decision));

const time = fc.double({ min: 0, max: 1e9, noNaN: true });

it('never makes a member younger than it is, whatever the clocks show and however long the way', () => {
  fc.assert(fc.property(time, time, time, fc.tuple(time, time), (seen, toAnswer, way, [offset, other]) => {
    // True times; both sides cut them to whole milliseconds of clocks of their own.
    const asked = seen + way;
    const answered = asked + toAnswer;
    const quietForMs = Math.floor(answered + other) - Math.floor(seen + other);
    const ours = heardAt({ quietForMs }, Math.floor(asked + offset));
    expect(ours).toBeLessThanOrEqual(seen + offset + 1e-3);
  }));
});

it('takes each piece of news at most once', () => {
  fc.assert(fc.property(fc.nat(2000), fc.option(fc.nat(2000), { nil: undefined }), (heard, knownAt) => {
    const first = decideMerge({ ...facts, now: 2000, timeoutMs: 500, heardAt: heard, knownAt });
    const knows = first === 'enter' || first === 'refresh' ? heard : knownAt;
    expect(decideMerge({ ...facts, now: 2000, timeoutMs: 500, heardAt: heard, knownAt: knows })).toBe('ignore');
  }));
});
