import { prioritizationPolicySuite } from '@fogbow/plugin-conformance';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { HoldingOrder, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import { createTwoFoldPrioritization } from './two-fold-prioritization.js';

const facts = { self: 'a.example', favoursOf: () => NO_FAVOURS };
const newest = (holders: readonly HoldingOrder[]): HoldingOrder | undefined =>
  [...holders].sort((one, other) => other.since.getTime() - one.since.getTime() || (one.id < other.id ? -1 : 1))[0];

const nobody: PrioritizationPolicy = { preempts: false, usesFavours: false, takeFrom: () => ({ reason: 'nobody gives way' }) };
/** Takes from every other member. */
const greedy: PrioritizationPolicy = {
  preempts: true,
  usesFavours: false,
  takeFrom(asking, holders) {
    const victim = newest(holders.filter(({ requester }) => requester !== asking.requester));
    return victim ? { victim: victim.id, reason: 'first' } : { reason: 'nobody is left' };
  },
};
const remotesOnly: PrioritizationPolicy = {
  preempts: true,
  usesFavours: true,
  takeFrom: (asking, holders, { self, favoursOf }) => greedy.takeFrom(asking, holders.filter(({ requester }) => requester > asking.requester && requester !== self && favoursOf(requester)), { self, favoursOf }),
};

describe.each([[nobody, nobody], [greedy, nobody], [nobody, greedy], [greedy, greedy], [greedy, remotesOnly], [nobody, remotesOnly]])('of %o and %o', (local, remote) => {
  prioritizationPolicySuite('prioritization-two-fold', () => createTwoFoldPrioritization({ local, remote }));
});

describe('prioritization-two-fold', () => {
  const own = { id: 'own', requester: 'a.example', since: new Date(2000) };
  const foreign = { id: 'foreign', requester: 'b.example', since: new Date(1000) };
  it.each([
    [greedy, nobody, 'a.example', 'foreign'], [greedy, nobody, 'c.example', undefined],
    [nobody, greedy, 'a.example', undefined], [nobody, greedy, 'c.example', 'own'],
    [greedy, greedy, 'a.example', undefined], // they would take it from each other for ever
    [greedy, remotesOnly, 'a.example', 'foreign'],
  ])('with %o for ours and %o for theirs, an order of %s takes %s', (local, remote, requester, victim) => {
    expect(createTwoFoldPrioritization({ local, remote }).takeFrom({ id: 'new', requester }, [own, foreign], facts).victim).toBe(victim);
  });

  it('preempts when one of the two does', () => {
    expect([[nobody, remotesOnly], [remotesOnly, nobody], [nobody, nobody]].map(([local = nobody, remote = nobody]) => createTwoFoldPrioritization({ local, remote }).preempts)).toEqual([true, true, false]);
  });

  it('needs favours when one of the two does', () => {
    expect([[nobody, remotesOnly], [remotesOnly, nobody], [nobody, nobody]].map(([local = nobody, remote = nobody]) => createTwoFoldPrioritization({ local, remote }).usesFavours)).toEqual([true, true, false]);
  });
});
