import { openstackCloud } from './openstack-cloud.js';
import { stageLists, stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

let stage: StagedOpenStack;
beforeEach(async () => {
  stage = await stageOpenStack();
  stageLists(stage);
  stage.on('GET /image/v2/images', [200, { images: [{ id: 'i1', name: 'debian-12-b7', status: 'active', min_disk: 2 }, { id: 'i2', name: 'own', status: 'active' }, { id: 'i3', name: 'taken', status: 'active' }] }]);
  stage.on('POST /compute/servers', [202, { server: { id: 's1' } }]);
});
afterEach(() => stage.close());

const request = (image?: string) => ({ clientToken: 'fogbow-test-1', size: { vcpu: 1, ramMb: 256, diskGb: 1 }, userData: [], ...(image === undefined ? {} : { image }) });
const images = { debian: { named: 'debian-12-b7' }, taken: { named: 'i2' }, lost: { named: 'gone' } };
const ordered = (): unknown => (stage.asked.find(({ line }) => line === 'POST /compute/servers')?.body as { server: { imageRef: string } }).server.imageRef;

it('shows images under the names that the settings give them, each once', async () => {
  expect(await stage.plugin({ images }).images?.list(stage.call)).toEqual([{ id: 'debian', name: 'debian', minDiskGb: 2 }, { id: 'taken', name: 'taken' }]);
});

it.each([['debian', 'i1'], ['debian-12-b7', 'i1'], ['i1', 'i1'], ['taken', 'i2'], ['i3', 'i3']])('takes %s for %s', async (name, id) => {
  await stage.plugin({ images }).compute.create(request(name), stage.call);
  expect(ordered()).toBe(id);
});

it('takes such a name for orders that name none, and says what is lost', async () => {
  const { compute } = stage.plugin({ images, image: 'debian' });
  await compute.create(request(), stage.call);
  expect(ordered()).toBe('i1');
  await expect(compute.create(request('lost'), stage.call)).rejects.toMatchObject({ code: 'cloud-rejected', message: 'OpenStack has no image gone that this account may use; it is what images calls lost.' });
});

it.each<[object, RegExp | undefined]>([
  [images, undefined],
  [{ a: { named: ' ' } }, /images\.a\.named must be the name or id/],
  [{ a: { named: 'x', url: 'http://x/y' } }, /images\.a\.named is not known/],
  [{ a: { named: 7 } }, /images\.a\.named is not known/],
])('of %j the settings say %s', (given, fault) => {
  const faults = openstackCloud.check?.({ images: given, imageFolder: '/i' }).join('\n');
  if (fault) expect(faults).toMatch(fault);
  else expect(faults).toBe('');
});
