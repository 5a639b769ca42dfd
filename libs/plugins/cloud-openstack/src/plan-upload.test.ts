import { IMAGE_KEY, markOf, planUpload, SENDER_KEY } from './plan-upload.js';

const now = new Date('2026-01-01T12:00:00Z');
const image = (id: string, status: string, sender = 'me', minutes = 1) => ({ id, status, [SENDER_KEY]: sender, [IMAGE_KEY]: 'mark', updated_at: new Date(now.getTime() - minutes * 60_000).toISOString() });

test.each<[string, ReturnType<typeof image>[], object]>([
  ['nothing is there', [], { kind: 'send', remove: [] }],
  ['one is there', [image('a', 'active')], { kind: 'there', id: 'a' }],
  ['one is there beside a broken one', [image('b', 'saving'), image('a', 'active', 'other')], { kind: 'there', id: 'a' }],
  ['this host broke off', [image('a', 'queued'), image('b', 'saving')], { kind: 'send', remove: ['a', 'b'] }],
  ['another host is at it', [image('a', 'saving', 'other')], { kind: 'wait' }],
  ['another host is at it and this one broke off', [image('a', 'saving', 'other'), image('b', 'saving')], { kind: 'wait' }],
  ['another host gave up long ago', [image('a', 'saving', 'other', 61)], { kind: 'send', remove: ['a'] }],
  ['an administrator has switched it off', [image('a', 'deactivated')], { kind: 'unusable', status: 'deactivated' }],
  ['it is being removed', [image('a', 'pending_delete'), image('b', 'killed')], { kind: 'send', remove: [] }],
])('where %s', (_name, found, plan) => expect(planUpload(found, 'me', now)).toEqual(plan));

test('a mark tells content and format', () => {
  const checksum = { algorithm: 'sha256', hex: 'ab' } as const;
  expect(markOf({ url: 'https://one', checksum }, 'raw')).toBe(markOf({ url: 'https://mirror', checksum }, 'raw'));
  expect(markOf({ url: 'https://one', checksum }, 'raw')).not.toBe(markOf({ url: 'https://one', checksum }, 'qcow2'));
  expect(markOf({ url: 'https://one' }, 'raw')).not.toBe(markOf({ url: 'https://mirror' }, 'raw'));
});
