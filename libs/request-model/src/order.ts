import type { OrderState } from './order-state.js';
import type { MemberId } from './member.js';

export const ORDER_TYPES = ['one-time', 'persistent'] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

export const RESOURCE_KINDS = ['compute', 'storage', 'network'] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

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
  /** The user asked for a machine rather than for an order, and knows it by the order's id from the first moment. */
  readonly asInstance?: true;
}

/** Where a user reaches a service of an instance. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

export interface OrderInstance {
  /** The id inside the provider's cloud; globally it is `<id>@<provider>`. */
  readonly id: string;
  readonly sshAddress?: ServiceAddress;
  readonly sshUsername?: string;
  /** Public part of the machine's SSH host key, where the provider can tell it. */
  readonly localAddress?: string;
  readonly extraAddresses?: Readonly<Record<string, ServiceAddress>>;
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
