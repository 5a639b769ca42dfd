import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { fakeCloud } from '@fogbow/cloud-fake';
import { isCloudName } from './ids-of-cloud.js';
import { namedCloud } from './named-cloud.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const credentials = { username: 'manager', password: 'right' };
const fake = (settings = {}, now = host.now) => fakeCloud.create({ maxInstances: 2, kinds: ['instances', 'volumes', 'networks', 'attachments'], password: 'right', ...settings }, { ...host, now });
const under = (settings = {}) => (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: namedCloud('lab', fake({ bootDelay: 30, ...settings })), credentials, full: under({ maxInstances: 1, maxVolumes: 1 }), dispose: () => Promise.resolve(),
});

computeCloudSuite('a named cloud', under(), { wrongCredentials: { username: 'manager', password: 'wrong' } });
volumeCloudSuite('a named cloud', under());
networkCloudSuite('a named cloud', under(), { ranges: ['10.20.0.0/30', '10.20.0.4/30'] });
attachmentCloudSuite('a named cloud', under());
computePowerSuite('a named cloud', under());
imageCatalogueSuite('a named cloud', under());

describe('two clouds that use the same ids', () => {
  // The fake cloud makes its ids of the time.
  const born = new Date();
  const [lab, den] = [namedCloud('lab', fake({}, () => born)), namedCloud('den', fake({}, () => born))];
  const { signal } = new AbortController();
  const size = { vcpu: 1, ramMb: 512, diskGb: 1 };
  const callTo = async (cloud: typeof lab) => ({ token: await cloud.identity.issue(credentials, signal), signal });

  test('tell them apart, and know nothing of each other’s', async () => {
    const [inLab, inDen] = [await callTo(lab), await callTo(den)];
    const there = await lab.compute.create({ clientToken: 'one', size, userData: [] }, inLab);
    const here = await den.compute.create({ clientToken: 'one', size, userData: [] }, inDen);
    expect([there.id.split('~')[0], here.id.split('~')[0]]).toEqual(['lab', 'den']);
    expect(there.id.split('~')[1]).toBe(here.id.split('~')[1]);
    expect(await den.compute.describe(there.id, inDen)).toBeUndefined();
    await den.compute.remove(there.id, inDen);
    expect(await den.compute.list(inDen)).toHaveLength(1);
    const volume = await lab.volumes?.create({ clientToken: 'v', sizeGb: 1 }, inLab);
    await expect(den.attachments?.attach({ clientToken: 'a', volumeId: volume?.id ?? '', instanceId: here.id }, inDen)).rejects.toMatchObject({ code: 'not-found' });
    await expect(den.power?.perform(there.id, 'stop', inDen)).rejects.toMatchObject({ code: 'not-found' });
    await expect(den.compute.create({ clientToken: 'two', size, userData: [], networkIds: ['lab~net-1'] }, inDen)).rejects.toMatchObject({ code: 'not-found' });
  });
});

test.each([['lab', true], ['a-1', true], ['', false], ['Lab', false], ['1st', false], ['a~b', false], ['a'.repeat(32), false]])('%j may name a cloud: %s', (name, may) => expect(isCloudName(name)).toBe(may));
