import type { OrderState } from './order-state.js';
import type { MemberId } from './member.js';

export const ORDER_TYPES = ['one-time', 'persistent'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** What can be ordered: a machine, a volume, a private network, or a volume in a machine. */
export const RESOURCE_KINDS = ['compute', 'storage', 'network', 'attachment'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** What one of a kind is called in sentences for users. */
export const NOUN_OF_KIND: Readonly<Record<ResourceKind, string>> = { compute: 'machine', storage: 'volume', network: 'network', attachment: 'attachment' };

/** Who a person is, inside the federation: the id is unique within the member that vouches for it. */
export interface UserRef {
  readonly id: string;
  readonly name: string;
}

/** One part of cloud-init user data. `contentType` is one of those of spec §1.14. */
export interface UserDataPart {
  readonly content: string;
  readonly contentType: string;
}

/** `dynamic`: a machine comes up with its address. `static`: its address is kept for it and told; the machine puts it on itself. */
export type AddressAllocation = 'dynamic' | 'static';

/** A private network as it is asked for. */
export interface NetworkSpec {
  /** IPv4 in CIDR notation, without host bits. */
  readonly cidr: string;
  readonly gateway?: string;
  readonly allocation: AddressAllocation;
}

/** A volume in a machine, both named by the orders that they came from. */
export interface AttachmentSpec {
  readonly computeOrderId: string;
  readonly volumeOrderId: string;
  /** The wished name inside the machine, such as `/dev/vdc`. */
  readonly device?: string;
}

/** What the user asked for; it never changes after submission. */
export interface OrderSpec {
  readonly title?: string;
  readonly flavor?: string;
  readonly image?: string;
  /** A requirements expression (spec §1.13), as the user wrote it. */
  readonly requirements?: string;
  /** OpenSSH public key line of the user. */
  readonly publicKey?: string;
  readonly userData?: readonly UserDataPart[];
  /** The user asked for a machine (volume, network) rather than for an order, and knows it by the order's id from the first moment. */
  readonly asInstance?: true;
  /** Of a machine: the orders of the private networks on which it gets an address each. */
  readonly networkOrderIds?: readonly string[];
  /** Of a volume: whole GB of 2^30 bytes. */
  readonly sizeGb?: number;
  readonly network?: NetworkSpec;
  readonly attachment?: AttachmentSpec;
  /** Of the request that brought it, at the requester: what all logs and traces of it have in common. Told to nobody but those who serve it. */
  readonly origin?: OrderOrigin;
}

/** Ids of a request: its own, and where its trace goes on (`traceparent` of W3C Trace Context). */
export interface OrderOrigin {
  readonly requestId: string;
  readonly traceparent?: string;
}

/** The orders whose instances an order needs: it lives where they are, and they cannot go while it is there. */
export function needsOf({ networkOrderIds = [], attachment }: OrderSpec): readonly string[] {
  return [...networkOrderIds, ...(attachment ? [attachment.computeOrderId, attachment.volumeOrderId] : [])];
}

/** Where a user reaches a service of an instance. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
  /** Of a service that speaks HTTP under a name of its own. */
  readonly url?: string;
}

/** What a machine is worth in accounts, by the time in which it did the probe of its provider. */
export interface MeasuredPower {
  readonly value: number;
  readonly seconds: number;
}

export interface OrderInstance {
  /** The id inside the provider's cloud; globally it is `<id>@<provider>`. */
  readonly id: string;
  /** Its account at the provider's cloud, where that is not the one that all share. Told to nobody. */
  readonly account?: string;
  /** Which of the provider's clouds has it, where that is not the first one. Told to nobody, though the id tells it. */
  readonly cloud?: string;
  readonly sshAddress?: ServiceAddress;
  readonly sshUsername?: string;
  /** Public half of the machine's SSH host key as an OpenSSH line, where the provider can tell it. */
  readonly sshHostKey?: string;
  /** Inside its cloud. */
  readonly localAddress?: string;
  /** Of a machine of ours that was measured. */
  readonly power?: MeasuredPower;
  /** Of a machine: its services beside SSH. */
  readonly extraAddresses?: Readonly<Record<string, ServiceAddress>>;
  /** Of a machine: its addresses on private networks, by the network's id inside the cloud. */
  readonly addresses?: readonly { readonly networkId: string; readonly address: string }[];
  /** Of a network: as the cloud made it. */
  readonly gateway?: string;
  readonly vlan?: string;
  /** Of an attachment: the name that the volume got inside the machine. */
  readonly device?: string;
}

/** One order for one instance. Its incarnation counts the placements: each return to `open` begins another. */
export interface Order {
  readonly id: string;
  readonly batchId: string;
  readonly kind: ResourceKind;
  readonly type: OrderType;
  readonly state: OrderState;
  readonly owner: UserRef;
  /** The member whose user wants it; our own id for orders placed here. */
  readonly requester: MemberId;
  /** The member that serves this incarnation, once known. */
  readonly provider?: MemberId;
  readonly incarnation: number;
  readonly spec: OrderSpec;
  readonly instance?: OrderInstance;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  readonly createdAt: Date;
  readonly stateSince: Date;
  readonly fulfilledAt?: Date;
  /** Why the order is where it is, in words for its owner. */
  readonly reason?: string;
  /** How often in a row an instance of it failed before it was ready. */
  readonly failedBoots: number;
}

/**
 * The name under which a cloud knows the instance of one incarnation: the key of "exactly one instance per order".
 * It carries a mark of the member, so that members who share a cloud account leave each other's machines alone.
 */
export function clientToken(member: MemberId, order: Pick<Order, 'id' | 'incarnation'>): string {
  return `fogbow-${memberMark(member)}-${order.id}-${order.incarnation}`;
}

/** The reverse of {@link clientToken}; undefined for names that are not this member's. */
export function parseClientToken(member: MemberId, token: string): { orderId: string; incarnation: number } | undefined {
  const match = /^fogbow-([0-9a-f]{8})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,9})$/.exec(token);
  return match && match[1] === memberMark(member) ? { orderId: match[2] as string, incarnation: Number(match[3]) } : undefined;
}

/** FNV-1a, 32 bits: short, and pure enough for the model. */
function memberMark(member: MemberId): string {
  let hash = 0x811c9dc5;
  for (const char of member) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** `<instanceId>@<member>` (spec §2.1). */
export function globalInstanceId(order: Pick<Order, 'instance' | 'provider'>): string | undefined {
  return order.instance && order.provider ? `${order.instance.id}@${order.provider}` : undefined;
}
