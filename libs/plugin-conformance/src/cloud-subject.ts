import { setTimeout as delay } from 'node:timers/promises';
import type { AttachmentCloud, CloudCall, CloudCredentials, CloudPlugin, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import { AMOUNT_DIMENSIONS } from '@fogbow/request-model';
import type { Amount, Quota, Size } from '@fogbow/request-model';

/** A cloud with room for two machines of `size`, and nothing in it. The suite ends by calling `dispose`. */
export interface CloudUnderTest {
  readonly plugin: CloudPlugin;
  readonly credentials: CloudCredentials;
  /** The same cloud with room for one machine of `size` and one volume; absent: refusals by a full quota are not checked. */
  readonly full?: () => Promise<CloudUnderTest>;
  dispose(): Promise<void>;
}

export interface CloudOptions {
  readonly size?: Size;
  /** Longest time from a request to the state that it asks for. Default 10 s. */
  readonly bootTimeoutMs?: number;
}

/** What a rule works with: the cloud, a call with a good token and one with a bad token. */
export interface CloudSubject {
  readonly under: CloudUnderTest;
  readonly plugin: CloudPlugin;
  readonly call: CloudCall;
  readonly stranger: CloudCall;
  readonly size: Size;
  readonly bootTimeoutMs: number;
  request(name: string): InstanceRequest;
}

export const tokenOf = (name: string): string => `fogbow-conformance-${name}`;

/** Starts the cloud, runs the check, and leaves nothing in the cloud. */
export async function withCloud(factory: () => Promise<CloudUnderTest>, options: CloudOptions, check: (subject: CloudSubject) => Promise<void>): Promise<void> {
  const { size, bootTimeoutMs } = { size: { vcpu: 1, ramMb: 512, diskGb: 1 }, bootTimeoutMs: 10_000, ...options };
  const under = await factory();
  const { plugin } = under;
  const { signal } = new AbortController();
  try {
    await plugin.start(signal);
    const call = { token: await plugin.identity.issue(under.credentials, signal), signal };
    const stranger = { ...call, token: { value: 'not-a-token-of-this-cloud' } };
    const request = (name: string): InstanceRequest => ({ clientToken: tokenOf(name), size, userData: [] });
    await check({ under, plugin, call, stranger, size, bootTimeoutMs, request });
    await clear(plugin, call);
  } finally {
    await plugin.stop();
    await under.dispose();
  }
}

async function clear({ compute, volumes, networks, attachments }: CloudPlugin, call: CloudCall): Promise<void> {
  const removeAll = async (what: { list(call: CloudCall): Promise<readonly { id: string }[]>; remove(id: string, call: CloudCall): Promise<void> } | undefined): Promise<void> => {
    await Promise.all(((await what?.list(call)) ?? []).map(({ id }) => what?.remove(id, call)));
  };
  await removeAll(attachments && detachable(attachments));
  await removeAll(compute);
  await removeAll(volumes);
  await removeAll(networks);
}

const detachable = (attachments: AttachmentCloud) => ({
  list: (call: CloudCall) => attachments.list(call),
  remove: (id: string, call: CloudCall) => attachments.detach(id, call),
});

/** The ability that a suite is about; a cloud without it is no subject of that suite. */
export function ability<Name extends 'volumes' | 'networks' | 'attachments' | 'power' | 'images'>(plugin: CloudPlugin, name: Name): NonNullable<CloudPlugin[Name]> {
  const found = plugin[name];
  if (!found) throw new Error(`The cloud has no ${name}.`);
  return found;
}

/** Clouds tell of a change by answering questions only, so this one asks again, as the Manager does. */
export async function untilState<Thing extends { readonly state: string; readonly fault?: string }>(
  subject: Pick<CloudSubject, 'bootTimeoutMs'>, wanted: Thing['state'], ask: () => Promise<Thing | undefined>,
): Promise<Thing> {
  const deadline = performance.now() + subject.bootTimeoutMs;
  for (;;) {
    const now = await ask();
    if (now?.state === wanted) return now;
    if (!now || now.state === 'failed') throw new Error(`It did not become ${wanted}: ${now?.fault ?? 'it is gone'}.`);
    if (performance.now() > deadline) throw new Error(`It is still ${now.state}, not ${wanted}.`);
    await delay(20);
  }
}

/** The quota once it counts exactly so much; a cloud may count a while later than it makes and removes. */
export async function untilUsed({ plugin, call, bootTimeoutMs }: Pick<CloudSubject, 'plugin' | 'call' | 'bootTimeoutMs'>, wanted: Amount): Promise<Quota> {
  const deadline = performance.now() + bootTimeoutMs;
  for (;;) {
    const now = await plugin.compute.quota(call);
    if (AMOUNT_DIMENSIONS.every((key) => now.used[key] === wanted[key])) return now;
    if (performance.now() > deadline) throw new Error(`The quota counts ${JSON.stringify(now.used)}, not ${JSON.stringify(wanted)}.`);
    await delay(20);
  }
}

/** A machine that runs. */
export async function activeMachine(subject: CloudSubject, request: InstanceRequest): Promise<Instance> {
  const { compute } = subject.plugin;
  const { id } = await compute.create(request, subject.call);
  return untilState(subject, 'active', () => compute.describe(id, subject.call));
}
