import { noCloud } from './no-cloud.js';

const said: string[] = [];
const cloud = noCloud.create({}, { memberId: 'site-a.example', log: { info: (text) => void said.push(text), warn: () => undefined }, now: () => new Date() });
const { signal } = new AbortController();

test('makes nothing, has nothing, and says so', async () => {
  await cloud.start(signal);
  const call = { token: await cloud.identity.issue({}, signal), signal };
  const size = { vcpu: 1, ramMb: 1, diskGb: 1 };
  const sentence = 'This member has no cloud of its own; its orders are served by other members.';
  const refusals = [
    cloud.compute.create({ clientToken: 'a', size, userData: [] }, call), cloud.volumes?.create({ clientToken: 'a', sizeGb: 1 }, call),
    cloud.networks?.create({ clientToken: 'a', cidr: '10.0.0.0/24', allocation: 'dynamic' }, call), cloud.attachments?.attach({ clientToken: 'a', volumeId: 'v', instanceId: 'i' }, call),
  ];
  for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ code: 'cloud-rejected', message: sentence });
  expect(said).toEqual([sentence]);
  expect(cloud.kinds).toEqual([]);
  for (const what of [cloud.compute, cloud.volumes, cloud.networks, cloud.attachments]) {
    expect([await what?.list(call), await what?.find('a', call), await what?.describe('a', call)]).toEqual([[], undefined, undefined]);
  }
  await Promise.all([cloud.compute.remove('a', call), cloud.attachments?.detach('a', call)]);
  const { limit, used } = await cloud.compute.quota(call);
  expect([new Set(Object.values(limit)), used]).toEqual([new Set([0]), limit]);
  await cloud.stop();
});
