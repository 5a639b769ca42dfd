import { parseClientToken } from '@fogbow/request-model';
import type { Size } from '@fogbow/request-model';
import type { NetworkAddress } from '@fogbow/plugin-contracts';

/** Labels are the only books: all that we know of a thing is on the thing itself, and is written by the call that makes it. */
export type Labels = Readonly<Record<string, string>>;

const name = (word: string): string => `org.fogbow.${word}`;
const [CLOUD, MEMBER, TOKEN, ORDER] = ['cloud', 'member', 'client-token', 'order'].map(name) as [string, string, string, string];
export const FIELD = {
  vcpu: name('vcpu'), ramMb: name('ram-mb'), diskGb: name('disk-gb'), addresses: name('addresses'), sizeGb: name('size-gb'), nonce: name('nonce'),
  title: name('title'), cidr: name('cidr'), gateway: name('gateway'), allocation: name('allocation'), createdAt: name('created-at'),
} as const;

/** Whose things they are: of one member, and of one of its clouds. */
export interface Ownership {
  readonly prefix: string;
  readonly memberId: string;
}

export function ownLabels({ prefix, memberId }: Ownership, clientToken: string): Labels {
  const order = parseClientToken(memberId, clientToken)?.orderId;
  return { [CLOUD]: prefix, [MEMBER]: memberId, [TOKEN]: clientToken, ...(order === undefined ? {} : { [ORDER]: order }) };
}

/** For the parameter `filters` of the engine's lists. */
export function ownFilter({ prefix, memberId }: Ownership, clientToken?: string): { readonly filters: string } {
  const label = [`${CLOUD}=${prefix}`, `${MEMBER}=${memberId}`, ...(clientToken === undefined ? [] : [`${TOKEN}=${clientToken}`])];
  return { filters: JSON.stringify({ label }) };
}

export const isOurs = ({ prefix, memberId }: Ownership, labels: Labels): boolean => labels[CLOUD] === prefix && labels[MEMBER] === memberId;
export const clientTokenIn = (labels: Labels): string => labels[TOKEN] ?? '';
export const nameFor = ({ prefix }: Ownership, clientToken: string): string => `${prefix}-${clientToken}`;

export function sizeLabels({ vcpu, ramMb, diskGb }: Size): Labels {
  return { [FIELD.vcpu]: String(vcpu), [FIELD.ramMb]: String(ramMb), [FIELD.diskGb]: String(diskGb) };
}

export function sizeIn(labels: Labels): Size {
  return { vcpu: Number(labels[FIELD.vcpu] ?? 0), ramMb: Number(labels[FIELD.ramMb] ?? 0), diskGb: Number(labels[FIELD.diskGb] ?? 0) };
}

export function addressesIn(labels: Labels): readonly NetworkAddress[] {
  return JSON.parse(labels[FIELD.addresses] ?? '[]') as readonly NetworkAddress[];
}
