import fc from 'fast-check';
import { createMemberRegistry } from './member-registry.js';
import type { MemberRegistry } from './member-registry.js';

const at = (ms: number): Date => new Date(ms);
const enter = (registry: MemberRegistry, id: string, seen = 0, timeoutMs = 100): void => registry.announce({ id, lastSeen: at(seen), timeoutMs });
const filled = (...ids: string[]): MemberRegistry => {
  const registry = createMemberRegistry();
  for (const id of ids) enter(registry, id);
  return registry;
};
const idsOf = (registry: MemberRegistry, query = {}, pageMax = 100): string[] => registry.page(query, pageMax).members.map(({ id }) => id);

it('counts a member once and keeps its latest news', () => {
  const registry = filled('a', 'a');
  registry.announce({ id: 'a', lastSeen: at(50), timeoutMs: 100, certificate: 'c' });
  enter(registry, 'a', 20);
  expect(registry.page({}, 100)).toEqual({ members: [{ id: 'a', lastSeen: at(50), timeoutMs: 100, certificate: 'c' }], total: 1, more: false });
});

it.each<[string, number, string[]]>([
  ['is alive while it speaks', 0, []],
  ['is alive on the last millisecond', 100, []],
  ['is gone one later', 101, ['a']],
])('a member %s', (_what, now, gone) => {
  const registry = filled('a');
  expect(registry.expire(at(now))).toEqual(gone);
  expect(registry.page({}, 100).total).toBe(1 - gone.length);
});

it.each<[string, object, number, string[], boolean]>([
  ['the first page', {}, 2, ['a', 'b'], true],
  ['everything', {}, 100, ['a', 'b', 'c', 'd'], false],
  ['a small wish', { max: 1 }, 100, ['a'], true],
  ['a large wish', { max: 1000 }, 3, ['a', 'b', 'c'], true],
  ['what follows', { after: 'b' }, 100, ['c', 'd'], false],
  ['nothing after the last', { after: 'd' }, 100, [], false],
  ['nothing, only the count', { max: 0 }, 100, [], true],
])('lists %s', (_what, query, pageMax, ids, more) => {
  const registry = filled('c', 'a', 'd', 'b');
  expect(idsOf(registry, query, pageMax)).toEqual(ids);
  expect(registry.page(query, pageMax)).toMatchObject({ total: 4, more });
});

it('does not know a page after nobody', () => {
  expect(() => filled('a').page({ after: 'b' }, 100)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

it('has a limit, which does not stop those who are in it', () => {
  const registry = createMemberRegistry(1);
  enter(registry, 'a');
  enter(registry, 'a', 10);
  expect(() => enter(registry, 'b')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
});

const news = fc.array(fc.record({ id: fc.stringMatching(/^[a-f]{1,2}$/), seen: fc.nat(200) }), { maxLength: 40 });

it('lists every living member exactly once, in order, in pages of any size', () => {
  fc.assert(fc.property(news, fc.nat(300), fc.integer({ min: 1, max: 7 }), (announcements, now, size) => {
    const registry = createMemberRegistry();
    const latest = new Map<string, number>();
    for (const { id, seen } of announcements) {
      enter(registry, id, seen);
      latest.set(id, Math.max(seen, latest.get(id) ?? 0));
    }
    registry.expire(at(now));
    const alive = [...latest].filter(([, seen]) => seen + 100 >= now).map(([id]) => id).sort();
    const listed: string[] = [];
    for (let page = idsOf(registry, {}, size); page.length > 0; page = idsOf(registry, { after: listed.at(-1) }, size)) listed.push(...page);
    expect(listed).toEqual(alive);
    expect(registry.page({}, size).total).toBe(alive.length);
  }));
});
