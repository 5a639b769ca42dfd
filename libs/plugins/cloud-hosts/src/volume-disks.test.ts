import type { QmpAnswer, QmpCommand } from './qmp-client.js';
import { diskOf, plug, unplug } from './volume-disks.js';

const disk = diskOf('/srv/h', { id: 'vol-00ab34cd' }, { device: 'vdc', port: 2 });

/** A QEMU that answers by rote. */
function qemu(answers: Record<string, QmpAnswer | QmpAnswer[]>): { asked: string[]; tell(command: QmpCommand): Promise<QmpAnswer>; } {
  const asked: string[] = [];
  return {
    asked,
    tell({ execute }) {
      asked.push(execute);
      const said = answers[execute] ?? { value: {} };
      return Promise.resolve(Array.isArray(said) ? said.shift() ?? { value: {} } : said);
    },
  };
}

it('is named after the volume, and shows the wished name', () => expect(disk).toEqual({ name: 'v00ab34cd', path: '/srv/h/volumes/vol-00ab34cd.qcow2', serial: 'vdc', port: 2 }));

it('is there already', async () => {
  const twice = qemu({ 'blockdev-add': { refusal: 'Duplicate nodes with node-name=\'v00ab34cd\'' }, device_add: { refusal: 'Duplicate device ID \'dev-v00ab34cd\'' } });
  await plug(twice, disk);
  expect(twice.asked).toEqual(['blockdev-add', 'device_add']);
});
it('leaves nothing behind where QEMU refuses it', async () => {
  const full = qemu({ device_add: { refusal: 'Bus \'port2\' not found' } });
  await expect(plug(full, disk)).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/port2/) as string });
  expect(full.asked).toEqual(['blockdev-add', 'device_add', 'blockdev-del']);
});
it('goes when the system has let go of it', async () => {
  const slow = qemu({ device_del: [{ value: {} }, { refusal: 'Device dev-v00ab34cd is already in the process of unplug' }, { refusal: 'Device \'dev-v00ab34cd\' not found' }] });
  expect([await unplug(slow, disk), await unplug(slow, disk), await unplug(slow, disk)]).toEqual([false, false, true]);
  expect(slow.asked).toEqual(['device_del', 'device_del', 'device_del', 'blockdev-del']);
});
it('stays in a system that does not let go', async () => {
  const deaf = qemu({});
  expect(await unplug(deaf, disk)).toBe(false);
  expect(deaf.asked).not.toContain('blockdev-del');
});
