import type { CloudCall, CloudPlugin, InstanceRequest } from '@fogbow/plugin-contracts';
import { fakeCloud } from './fake-cloud.js';
import { changeKnobs, NO_KNOBS } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';

let now: number;
const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(now) };
const request = (name: string, vcpu = 1): InstanceRequest => ({ clientToken: name, size: { vcpu, ramMb: 100, diskGb: 1 }, userData: [] });

async function stage(knobs: Partial<FakeKnobs>): Promise<{ cloud: CloudPlugin; call: CloudCall }> {
  now = 1_000_000;
  const cloud = fakeCloud.create({ ...knobs }, host);
  const { signal } = new AbortController();
  return { cloud, call: { token: await cloud.identity.issue({}, signal), signal } };
}

describe('the knobs of cloud-fake', () => {
  it('boot: a machine is active after its delay', async () => {
    const { cloud, call } = await stage({ bootDelay: 100 });
    const { id } = await cloud.compute.create(request('a'), call);
    const states = [0, 99, 100].map(async (age) => {
      now = 1_000_000 + age;
      return (await cloud.compute.describe(id, call))?.state;
    });
    expect(await Promise.all(states)).toEqual(['inactive', 'inactive', 'active']);
  });

  it('neverBoot: it stays inactive', async () => {
    const { cloud, call } = await stage({ neverBoot: true });
    const { id } = await cloud.compute.create(request('a'), call);
    now += 1e9;
    expect(await cloud.compute.describe(id, call)).toMatchObject({ state: 'inactive' });
  });

  it('failAfter: it fails with a reason, and may be removed', async () => {
    const { cloud, call } = await stage({ failAfter: 50 });
    const { id } = await cloud.compute.create(request('a'), call);
    now += 50;
    expect(await cloud.compute.describe(id, call)).toMatchObject({ state: 'failed', fault: 'Staged failure.' });
    await cloud.compute.remove(id, call);
    expect(await cloud.compute.list(call)).toEqual([]);
  });

  it('vanishAfter: it is gone, its room is free and so is its name', async () => {
    const { cloud, call } = await stage({ vanishAfter: 50, maxVcpu: 2 });
    const { id } = await cloud.compute.create(request('a', 2), call);
    await expect(cloud.compute.create(request('b'), call)).rejects.toMatchObject({ code: 'quota-exceeded' });
    now += 50;
    expect([await cloud.compute.describe(id, call), await cloud.compute.find('a', call)]).toEqual([undefined, undefined]);
    expect((await cloud.compute.quota(call)).used.vcpu).toBe(0);
    expect((await cloud.compute.create(request('a', 2), call)).id).not.toBe(id);
  });

  it.each(['quota-exceeded', 'no-valid-host', 'cloud-rejected', 'cloud-unavailable'] as const)('refuse: creates are %s as often as told', async (code) => {
    const { cloud, call } = await stage({ refuse: code, refuseCount: 2 });
    for (let round = 0; round < 2; round++) await expect(cloud.compute.create(request('a'), call)).rejects.toMatchObject({ code });
    expect(await cloud.compute.create(request('a'), call)).toMatchObject({ clientToken: 'a' });
  });

  it('tokenLifetime: a token is refused when it has expired', async () => {
    const { cloud, call } = await stage({ tokenLifetime: 60_000 });
    expect(call.token.expiresAt).toEqual(new Date(1_060_000));
    now += 60_000;
    await expect(cloud.compute.list(call)).rejects.toMatchObject({ code: 'cloud-unauthorized' });
  });

  it('outage: every call is cloud-unavailable', async () => {
    const { cloud, call } = await stage({});
    const away = fakeCloud.create({ outage: true }, host);
    await expect(away.identity.issue({}, call.signal)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    await expect(away.compute.describe('x', call)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    expect(await cloud.compute.list(call)).toEqual([]);
  });

  it('createDelay: a caller that gives up leaves a machine behind, as with a lost answer', async () => {
    const { cloud, call } = await stage({ createDelay: 60_000 });
    const giveUp = new AbortController();
    const create = cloud.compute.create(request('a'), { ...call, signal: giveUp.signal });
    giveUp.abort();
    await expect(create).rejects.toMatchObject({ code: 'cloud-unavailable' });
    expect(await cloud.compute.find('a', call)).toMatchObject({ clientToken: 'a' });
  });

  it('keep accounts apart', async () => {
    const { cloud, call } = await stage({ maxInstances: 1 });
    const other = { ...call, token: await cloud.identity.issue({ username: 'other' }, call.signal) };
    const { id } = await cloud.compute.create(request('a'), call);
    expect((await cloud.compute.create(request('a'), other)).id).not.toBe(id);
    await cloud.compute.remove(id, other);
    expect(await cloud.compute.describe(id, other)).toBeUndefined();
    expect(await cloud.compute.describe(id, call)).toMatchObject({ id });
  });

  it('kinds: what is staged is about those only', async () => {
    const { cloud, call } = await stage({ kinds: ['volumes', 'power'], refuse: 'no-valid-host', refuseCount: 2, vanishAfter: 50 });
    const { id } = await cloud.compute.create(request('a'), call);
    await expect(cloud.volumes?.create({ clientToken: 'v', sizeGb: 1 }, call)).rejects.toMatchObject({ code: 'no-valid-host' });
    await expect(cloud.power?.perform(id, 'stop', call)).rejects.toMatchObject({ code: 'no-valid-host' });
    const volume = await cloud.volumes?.create({ clientToken: 'v', sizeGb: 1 }, call);
    await cloud.attachments?.attach({ clientToken: 'l', volumeId: volume?.id ?? '', instanceId: id }, call);
    now += 50;
    expect(await cloud.compute.describe(id, call)).toMatchObject({ state: 'active' });
    expect([await cloud.volumes?.list(call), await cloud.attachments?.list(call)]).toEqual([[], []]);
  });

  it('bootDelay is that of a start too, but a suspended machine goes on at once', async () => {
    const { cloud, call } = await stage({ bootDelay: 100 });
    const { id } = await cloud.compute.create(request('a'), call);
    const after = async (action: 'start' | 'stop' | 'suspend', ms: number): Promise<string | undefined> => {
      await cloud.power?.perform(id, action, call);
      now += ms;
      return (await cloud.compute.describe(id, call))?.state;
    };
    now += 100;
    expect([await after('suspend', 0), await after('start', 0), await after('stop', 0), await after('start', 99), await after('start', 1)])
      .toEqual(['suspended', 'active', 'inactive', 'inactive', 'active']);
  });

  it('images: others are refused', async () => {
    const { cloud, call } = await stage({ images: ['tux'] });
    await expect(cloud.compute.create({ ...request('a'), image: 'daemon' }, call)).rejects.toMatchObject({ code: 'cloud-rejected' });
    expect(await cloud.images?.list(call)).toEqual([{ id: 'tux', name: 'tux' }]);
  });

  it('lacks: an ability that is not there is absent, and a wrong name is a fault', () => {
    const cloud = fakeCloud.create({ lacks: ['power', 'images'] }, host);
    expect([cloud.power, cloud.images, typeof cloud.volumes?.create]).toEqual([undefined, undefined, 'function']);
    expect(() => fakeCloud.create({ lacks: ['wings'] }, host)).toThrow('wings');
  });

  it('are refused with every fault named, and then unchanged', () => {
    expect(() => changeKnobs(NO_KNOBS, { bootDelay: -1, speed: 3, refuse: 'maybe', outage: 1, kinds: ['cars'], images: '' })).toThrow(
      /bootDelay must be .* speed is not a knob.* refuse must be one of .* outage must be .* kinds must be .* images must be/);
    expect(() => changeKnobs(NO_KNOBS, { bootDelay: null })).toThrow('bootDelay');
    expect(changeKnobs(NO_KNOBS, { vanishAfter: 5 }).vanishAfter).toBe(5);
  });
});

it('creates thousands of machines a second', async () => {
  const { cloud, call } = await stage({ maxInstances: 100_000 });
  const begin = performance.now();
  for (let index = 0; index < 5000; index++) await cloud.compute.create(request(`m${index}`), call);
  expect(performance.now() - begin).toBeLessThan(2500);
  expect((await cloud.compute.quota(call)).used.instances).toBe(5000);
});
