import type { Attachment, AttachmentRequest, CloudCall, Volume } from '@fogbow/plugin-contracts';
import { ability, activeMachine, tokenOf, untilState, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { resourceRules } from './resource-rules.js';
import { volumeRequest } from './volume-cloud-suite.js';

export type AttachmentRuleId = 'A1' | 'A2' | 'A2-device' | 'A3' | 'A4' | 'A4-machine' | 'A4-token' | 'A5' | 'A6' | 'A6-elsewhere';

export interface AttachmentSuiteOptions extends CloudOptions {
  /** What a machine calls the volume for which `/dev/vdd` was wished; default: it ends in `vdd`. */
  readonly wishedDevice?: RegExp;
  readonly skips?: Skips<AttachmentRuleId>;
}

async function activeVolume(subject: CloudSubject, name: string): Promise<Volume> {
  const volumes = ability(subject.plugin, 'volumes');
  const { id } = await volumes.create(volumeRequest(name), subject.call);
  return untilState(subject, 'active', () => volumes.describe(id, subject.call));
}

/** Attaches the volume `name` to the machine `one`, both made as needed. */
async function attach(subject: CloudSubject, name: string, more: Partial<AttachmentRequest> = {}, as: CloudCall = subject.call): Promise<Attachment> {
  const { id: volumeId } = await activeVolume(subject, name);
  const { id: instanceId } = await activeMachine(subject, subject.request('one'));
  return ability(subject.plugin, 'attachments').attach({ clientToken: tokenOf(name), volumeId, instanceId, ...more }, as);
}

const lifecycle = resourceRules<AttachmentRuleId>({ repeat: 'A1', find: 'A3', describe: 'A4', token: 'A4-token', list: 'A5', remove: 'A6' }, (subject) => {
  const attachments = ability(subject.plugin, 'attachments');
  return {
    create: (name, as) => attach(subject, name, {}, as),
    find: (token, as) => attachments.find(token, as),
    describe: (id, as) => attachments.describe(id, as),
    list: (as) => attachments.list(as),
    remove: (id, as) => attachments.detach(id, as),
  };
});

interface AttachmentSubject extends CloudSubject { readonly wishedDevice: RegExp }

const refusing: ConformanceRule<AttachmentRuleId, AttachmentSubject>[] = [{
  id: 'A2', says: 'what is not there is not-found, and a volume has one machine at a time',
  async check(subject) {
    const made = await attach(subject, 'one');
    expect(made).toMatchObject({ clientToken: tokenOf('one') });
    const { volumes } = subject.plugin;
    expect((await volumes?.describe(made.volumeId, subject.call))?.attachedTo).toBe(made.instanceId);
    expect(await codeOf(attach(subject, 'two', { volumeId: made.volumeId }))).toBe('conflict');
    expect(await codeOf(attach(subject, 'two', { volumeId: 'no-such-volume' }))).toBe('not-found');
    expect(await codeOf(attach(subject, 'two', { instanceId: 'no-such-machine' }))).toBe('not-found');
    expect(await subject.plugin.attachments?.list(subject.call)).toHaveLength(1);
  },
}, {
  id: 'A2-device', says: 'a machine has each device name once, and chooses another where none is wished',
  async check(subject) {
    const made = await attach(subject, 'one', { device: '/dev/vdd' });
    expect(made.device).toMatch(subject.wishedDevice);
    expect(await codeOf(attach(subject, 'two', { device: '/dev/vdd' }))).toBe('conflict');
    const free = await attach(subject, 'two');
    expect(free.device).not.toBe(made.device);
    expect(free.device).not.toBe('');
  },
}];

const ending: ConformanceRule<AttachmentRuleId, CloudSubject>[] = [{
  id: 'A4-machine', says: 'an attachment ends with its machine, the volume does not',
  async check(subject) {
    const { plugin, call } = subject;
    const made = await attach(subject, 'one');
    await plugin.compute.remove(made.instanceId, call);
    expect(await plugin.attachments?.describe(made.id, call)).toBeUndefined();
    expect(await plugin.attachments?.find(tokenOf('one'), call)).toBeUndefined();
    expect(await plugin.attachments?.list(call)).toEqual([]);
    const volume = await plugin.volumes?.describe(made.volumeId, call);
    expect([volume?.id, volume?.attachedTo]).toEqual([made.volumeId, undefined]);
    expect((await attach(subject, 'one')).volumeId).toBe(made.volumeId);
  },
}, {
  id: 'A6-elsewhere', says: 'a detached volume may be attached to another machine',
  async check(subject) {
    const { plugin, call, request } = subject;
    const made = await attach(subject, 'one');
    await plugin.attachments?.detach(made.id, call);
    expect((await plugin.volumes?.describe(made.volumeId, call))?.attachedTo).toBeUndefined();
    const other = await activeMachine(subject, request('two'));
    const next = await attach(subject, 'one', { instanceId: other.id });
    expect(next).toMatchObject({ volumeId: made.volumeId, instanceId: other.id });
    await untilState(subject, 'active', () => ability(plugin, 'attachments').describe(next.id, call));
  },
}];

/** Holds a cloud to docs/contracts/attachment-cloud.md. The factory gives an empty cloud for each rule. */
export function attachmentCloudSuite(name: string, factory: () => Promise<CloudUnderTest>, options: AttachmentSuiteOptions = {}): void {
  const { wishedDevice = /\bvdd$/ } = options;
  const rules: ConformanceRule<AttachmentRuleId, AttachmentSubject>[] = [...lifecycle, ...refusing, ...ending];
  describeRules(`${name} as an attachment cloud`, rules, (check) => withCloud(factory, options, (subject) => check({ ...subject, wishedDevice })), options.skips);
}
