import fc from 'fast-check';
import { mergeResults, readPage, writePage } from './conformance-page.js';
import { readRuleResults } from './rule-result.js';
import type { RuleResult } from './rule-result.js';
import { whatWasTried } from './run-suites.js';

const words = fc.stringMatching(/^[a-z][a-z ,.`]{0,20}[a-z]$/);
const arbitraryResults: fc.Arbitrary<RuleResult[]> = fc.uniqueArray(fc.record({
  subject: fc.constantFrom('cloud-fake in process', 'cloud-local', 'cloud-openstack'), contract: fc.constantFrom('compute cloud', 'member picker'),
  rule: fc.constantFrom('C1', 'C1-overlap', 'C10', 'C2'),
  outcome: fc.oneof(fc.constant({ kind: 'holds' as const }), fc.constant({ kind: 'broken' as const }), words.map((because) => ({ kind: 'skipped' as const, because }))),
}), { selector: ({ subject, contract, rule }) => `${subject} ${contract} ${rule}` }).map((results) => results.map((one) => ({ ...one, says: `what ${one.rule} says` })));

const sorted = (results: readonly RuleResult[]): string[] => results.map((one) => JSON.stringify(one)).sort();

it('reads back what it wrote', () => {
  fc.assert(fc.property(arbitraryResults, (results) => {
    expect(sorted(readPage(writePage(results)))).toEqual(sorted(results.map(({ subject, contract, rule, says, outcome }) => ({ subject, contract, rule, says, outcome }))));
  }));
});

it('keeps of the page what a run has not tried', () => {
  const one = (subject: string, kind: 'holds' | 'broken'): RuleResult => ({ subject, contract: 'compute cloud', rule: 'C1', says: '', outcome: { kind } });
  expect(mergeResults([one('cloud-openstack', 'holds'), one('cloud-local', 'broken')], [one('cloud-local', 'holds')])).toEqual([one('cloud-openstack', 'holds'), one('cloud-local', 'holds')]);
});

it('takes rules from what jest reports, and nothing else', () => {
  expect(readRuleResults([
    { fullName: 'cloud-fake over HTTP as a compute cloud C1: one token, one machine', status: 'passed' },
    { fullName: 'cloud-local as a volume cloud V4-token: throws (skipped: it has no tokens)', status: 'pending' },
    { fullName: 'cloud-local as a volume cloud V1: left out by the filter', status: 'pending' },
    { fullName: 'x as an attachment cloud A4-machine: ends', status: 'failed' }, { fullName: 'something else', status: 'passed' },
  ])).toEqual([
    { subject: 'cloud-fake over HTTP', contract: 'compute cloud', rule: 'C1', says: 'one token, one machine', outcome: { kind: 'holds' } },
    { subject: 'cloud-local', contract: 'volume cloud', rule: 'V4-token', says: 'throws', outcome: { kind: 'skipped', because: 'it has no tokens' } },
    { subject: 'x', contract: 'attachment cloud', rule: 'A4-machine', says: 'ends', outcome: { kind: 'broken' } },
  ]);
});

it('takes a contract of which every rule was passed over for one that was not tried', () => {
  const one = (contract: string, outcome: RuleResult['outcome']): RuleResult => ({ subject: 'cloud-openstack', contract, rule: 'C1', says: '', outcome });
  const [held, passedOver] = [one('compute cloud', { kind: 'holds' }), one('compute cloud', { kind: 'skipped', because: 'it takes any' })];
  expect(whatWasTried([held, passedOver, one('volume cloud', { kind: 'skipped', because: 'it has no tokens' })])).toEqual([held, passedOver]);
});
