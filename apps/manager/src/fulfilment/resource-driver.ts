import type { Flavor, OrderInstance, ResourceKind } from '@fogbow/request-model';
import type { CloudCall, InstanceState } from '@fogbow/plugin-contracts';
import type { OrderRecord } from '../orders/order-record.js';
import type { Uses } from '../orders/bind-order.js';

/**
 * One kind of thing in the member's own cloud, as the life of an order needs it. What machines, volumes, networks and attachments
 * have in common is in local-provider.ts; what they differ in is here. Calls throw what the cloud's plugin throws.
 */
export interface ResourceDriver {
  /** Overlapping creates with one client token yield one thing. Where false the cloud is asked what it has before it is asked again. */
  readonly atomicCreate: boolean;
  /** What must be ready before the cloud is asked; throws when it cannot be had. */
  prepare?(order: OrderRecord, signal: AbortSignal): Promise<Prepared | undefined>;
  create(order: OrderRecord, clientToken: string, grounds: CreateGrounds, call: CloudCall): Promise<Resource>;
  find(clientToken: string, call: CloudCall): Promise<Resource | undefined>;
  describe(id: string, call: CloudCall): Promise<Resource | undefined>;
  list(call: CloudCall): Promise<readonly Resource[]>;
  remove(id: string, call: CloudCall): Promise<void>;
  /** What else the owners of these orders are told now, by the order's id. */
  ways?(orders: readonly OrderRecord[]): Promise<ReadonlyMap<string, Pick<OrderInstance, 'sshAddress' | 'extraAddresses'>>>;
  /** Undoes `prepare`; idempotent. */
  withdraw?(target: { readonly orderId: string; readonly incarnation: number }): Promise<void>;
}

/** Anything that a cloud has. */
export interface Resource {
  readonly id: string;
  readonly clientToken?: string | undefined;
  readonly state: InstanceState;
  readonly fault?: string | undefined;
  /** What its owner is told beside the id. */
  readonly told: Omit<OrderInstance, 'id'>;
}

/** What stands ready for a thing before it is made, such as the way to a machine. */
export interface Prepared {
  readonly told: Omit<OrderInstance, 'id'>;
}

export interface CreateGrounds {
  /** Chosen for machines. */
  readonly flavor?: Flavor | undefined;
  readonly uses: Uses;
  readonly prepared?: Prepared | undefined;
}

/** The kinds that this member's cloud has. */
export type ResourceDrivers = Readonly<Partial<Record<ResourceKind, ResourceDriver>>>;
