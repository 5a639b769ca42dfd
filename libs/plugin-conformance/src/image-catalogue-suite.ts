import { ability, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type ImageRuleId = 'G1' | 'G1-token' | 'G2';

const rules: ConformanceRule<ImageRuleId, CloudSubject>[] = [{
  id: 'G1', says: 'list shows every image once',
  async check({ plugin, call }) {
    const images = await ability(plugin, 'images').list(call);
    expect(images.length).toBeGreaterThan(0);
    expect(new Set(images.map(({ id }) => id)).size).toBe(images.length);
    for (const { id, name } of images) expect([id, name]).not.toContain('');
  },
}, {
  id: 'G1-token', says: 'a call with a token that the cloud did not give is cloud-unauthorized',
  async check({ plugin, stranger }) {
    expect(await codeOf(ability(plugin, 'images').list(stranger))).toBe('cloud-unauthorized');
  },
}, {
  id: 'G2', says: 'an image of the list can be asked for, by id and by name',
  async check({ plugin, call, request }) {
    const [image] = await ability(plugin, 'images').list(call);
    if (!image) throw new Error('There is no image.');
    await plugin.compute.create({ ...request('one'), image: image.id }, call);
    await plugin.compute.create({ ...request('two'), image: image.name }, call);
    expect(await plugin.compute.list(call)).toHaveLength(2);
  },
}];

/** Holds a cloud to docs/contracts/image-catalogue.md. The factory gives an empty cloud for each rule. */
export function imageCatalogueSuite(name: string, factory: () => Promise<CloudUnderTest>, options: CloudOptions & { readonly skips?: Skips<ImageRuleId> } = {}): void {
  describeRules(`${name} as a catalogue of images`, rules, (check) => withCloud(factory, options, check), options.skips);
}
