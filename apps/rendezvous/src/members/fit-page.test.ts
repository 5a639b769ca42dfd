import fc from 'fast-check';
import { serialise, SYNCH_WHOISALIVE, WHOISALIVE } from '@fogbow/messaging';
import { fitPage, PAGE_BYTES, wireBytes } from './fit-page.js';
import type { LivingMember, MemberPage } from './member-table.js';

const member = (id: string, size = 0): LivingMember => ({ id, quietForMs: 1, certificate: 'x'.repeat(size) });
const page: MemberPage = { members: ['a', 'b', 'c', 'd'].map((id) => member(id, 1000)), total: 9, index: 3 };
const ids = ({ members }: MemberPage): string => members.map(({ id }) => id).join('');

it.each([[100_000, 'abcd', 3, 'abcd', 3], [3100, 'ab', 3, 'cd', 5], [1, 'a', 3, 'd', 6]])('cuts to %i bytes, on the far side', (budget, forwards, index, backwards, backIndex) => {
  const [ahead, back] = [fitPage(page, { after: 'x' }, budget), fitPage(page, { before: '' }, budget)];
  expect([ids(ahead), ahead.index, ids(back), back.index]).toEqual([forwards, index, backwards, backIndex]);
});

it('lets an empty page be', () => expect(fitPage({ members: [], total: 0, index: 0 }, {}, 1)).toEqual({ members: [], total: 0, index: 0 }));

it('fits into a stanza, whatever the certificates hold', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '<', '&', '\r', 'ä', '😀'), maxLength: 8192 });
  const worst = '&'.repeat(32);
  const some = fc.record({ id: fc.stringMatching(/^[a-z]{255}$/), certificate: text, quietForMs: fc.nat(), status: fc.constant({ cpuIdle: worst, cpuInUse: worst, memIdle: worst, memInUse: worst, instancesIdle: worst, instancesInUse: worst }) });
  fc.assert(fc.property(fc.array(some, { maxLength: 20 }), (members) => {
    for (const one of members) {
      const reply = { members: [one], total: 1 };
      expect(Buffer.byteLength(serialise(SYNCH_WHOISALIVE.encodeReply(reply) ?? never()))).toBeLessThanOrEqual(wireBytes(one) + 300);
      expect(Buffer.byteLength(serialise(WHOISALIVE.encodeReply({ ...reply, members: [{ ...one, updated: '2026-11-23T00:00:00.000Z' }] }) ?? never()))).toBeLessThanOrEqual(wireBytes(one) + 300);
    }
  }), { numRuns: 20 });
  expect(PAGE_BYTES + 8192 * 6).toBeLessThan(512 * 1024);
});

function never(): never { throw new Error('A page is never empty.'); }
