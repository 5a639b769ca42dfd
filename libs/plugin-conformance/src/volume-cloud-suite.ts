import type { VolumeRequest } from '@fogbow/plugin-contracts';
import { oneVolume, plus } from '@fogbow/request-model';
import { ability, activeMachine, tokenOf, untilState, untilUsed, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { resourceRules } from './resource-rules.js';

export type VolumeRuleId = 'V1' | 'V2' | 'V3' | 'V4' | 'V4-token' | 'V5' | 'V6' | 'V7' | 'V8' | 'V8-full';

export const volumeRequest = (name: string, sizeGb = 1): VolumeRequest => ({ clientToken: tokenOf(name), sizeGb, name });

const lifecycle = resourceRules<VolumeRuleId>({ repeat: 'V1', find: 'V3', describe: 'V4', token: 'V4-token', list: 'V5', remove: 'V6' }, ({ plugin, call }) => {
  const volumes = ability(plugin, 'volumes');
  return { ...bound(volumes), create: (name, as = call) => volumes.create(volumeRequest(name), as) };
});

const own: ConformanceRule<VolumeRuleId, CloudSubject>[] = [{
  id: 'V2', says: 'a volume becomes active with the size that was asked; a size that is none is cloud-rejected',
  async check(subject) {
    const volumes = ability(subject.plugin, 'volumes');
    const made = await volumes.create(volumeRequest('one', 3), subject.call);
    const active = await untilState(subject, 'active', () => volumes.describe(made.id, subject.call));
    expect(active.sizeGb).toBeGreaterThanOrEqual(3);
    expect(active.name).toBe('one');
    expect(active.attachedTo).toBeUndefined();
    for (const sizeGb of [0, -1, 1.5, NaN]) expect(await codeOf(volumes.create(volumeRequest('two', sizeGb), subject.call))).toBe('cloud-rejected');
  },
}, {
  id: 'V7', says: 'an attached volume is not removed: conflict',
  async check(subject) {
    const { plugin, call, request } = subject;
    const [volumes, attachments] = [ability(plugin, 'volumes'), plugin.attachments];
    if (!attachments) return;
    const volume = await volumes.create(volumeRequest('one'), call);
    const machine = await activeMachine(subject, request('one'));
    await untilState(subject, 'active', () => volumes.describe(volume.id, call));
    const { id } = await attachments.attach({ clientToken: tokenOf('link'), volumeId: volume.id, instanceId: machine.id }, call);
    expect(await codeOf(volumes.remove(volume.id, call))).toBe('conflict');
    expect(await volumes.describe(volume.id, call)).toMatchObject({ state: 'active', attachedTo: machine.id });
    await attachments.detach(id, call);
    await volumes.remove(volume.id, call);
    expect(await volumes.describe(volume.id, call)).toBeUndefined();
  },
}, {
  id: 'V8', says: 'quota counts volumes and their size',
  async check(subject) {
    const { plugin, call } = subject;
    const before = await plugin.compute.quota(call);
    expect(before.limit).toMatchObject({ volumes: expect.any(Number) as number, volumeGb: expect.any(Number) as number });
    const { id } = await ability(plugin, 'volumes').create(volumeRequest('one', 2), call);
    await untilUsed(subject, plus(before.used, oneVolume(2)));
    await ability(plugin, 'volumes').remove(id, call);
    expect(await untilUsed(subject, before.used)).toEqual(before);
  },
}, {
  id: 'V8-full', says: 'a create beyond the limit is quota-exceeded, also when many come at once',
  async check({ under, ...options }) {
    if (!under.full) return;
    await withCloud(under.full, options, async ({ plugin, call }) => {
      const volumes = ability(plugin, 'volumes');
      const outcomes = await Promise.all(['a', 'b', 'c'].map((name) => volumes.create(volumeRequest(name), call).then(() => 'made', (error: { code?: string }) => error.code)));
      expect(outcomes.sort()).toEqual(['made', 'quota-exceeded', 'quota-exceeded']);
      expect(await volumes.list(call)).toHaveLength(1);
    });
  },
}];

function bound(volumes: ReturnType<typeof ability<'volumes'>>) {
  const { find, describe, list, remove } = volumes;
  return { find: find.bind(volumes), describe: describe.bind(volumes), list: list.bind(volumes), remove: remove.bind(volumes) };
}

/** Holds a cloud to docs/contracts/volume-cloud.md. The factory gives an empty cloud for each rule. */
export function volumeCloudSuite(name: string, factory: () => Promise<CloudUnderTest>, options: CloudOptions & { readonly skips?: Skips<VolumeRuleId> } = {}): void {
  describeRules(`${name} as a volume cloud`, [...lifecycle, ...own], (check) => withCloud(factory, options, check), options.skips);
}
