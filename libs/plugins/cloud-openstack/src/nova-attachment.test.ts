import { holderOf } from './nova-attachment.js';
import { volumeOf } from './cinder-volume.js';
import type { CinderVolume } from './cinder-volume.js';
import { attachmentOf, notesOf, volumeIdOf } from './nova-attachment.js';

const volume: CinderVolume = {
  id: 'e0000000-0000-0000-0000-000000000001', name: 'fogbow-v-1', status: 'in-use', size: 2, created_at: '2026-01-01T00:00:00.000000',
  metadata: { fogbow_token: 'fogbow-v-1', fogbow_title: 'data', 'fogbow_attachment_fogbow-a-1': '0123abcd s1 /dev/vdc' }, attachments: [{ server_id: 's1', device: '/dev/vdb' }],
};

it('reads the attachment off its volume', () => {
  expect(attachmentOf(volume)).toEqual({ id: `${volume.id}-0123abcd`, clientToken: 'fogbow-a-1', volumeId: volume.id, instanceId: 's1', device: '/dev/vdb', state: 'active' });
  expect(volumeIdOf(`${volume.id}-0123abcd`)).toBe(volume.id);
  expect(volumeIdOf('no-such-thing')).toBe('no-such-thing');
  expect(notesOf(volume)).toHaveLength(1);
});

it.each<[string, CinderVolume['attachments'], string | undefined]>([
  ['reserved', [], 'inactive'], ['attaching', [], 'inactive'], ['in-use', [{ server_id: 'another' }], undefined], ['available', [], undefined], ['detaching', [{ server_id: 's1' }], undefined], ['error_attaching', [], 'failed'],
])('shows a volume that is %s', (status, attachments, state) => {
  expect(attachmentOf({ ...volume, status, attachments })?.state).toBe(state);
});

it('tells who has the volume before Cinder does', () => {
  expect(holderOf({ ...volume, status: 'reserved', attachments: [] })).toBe('s1');
  expect(holderOf({ ...volume, status: 'available', attachments: [] })).toBeUndefined();
});

it('shows a volume in our words', () => {
  expect(volumeOf(volume)).toEqual({ id: volume.id, clientToken: 'fogbow-v-1', name: 'data', sizeGb: 2, state: 'active', attachedTo: 's1', createdAt: new Date('2026-01-01T00:00:00Z') });
  expect(volumeOf({ ...volume, status: 'deleting' })).toBeUndefined();
  expect(volumeOf({ ...volume, status: 'error' })).toMatchObject({ state: 'failed', fault: expect.stringContaining('error') as string });
});
