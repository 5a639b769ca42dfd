import type { Request, Response } from 'express';
import { globalInstanceId } from '@fogbow/request-model';
import type { MemberId, ResourceKind, UserRef } from '@fogbow/request-model';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { OcciLink } from '@fogbow/occi';
import type { OrderRecord } from '../../orders/order-record.js';
import type { OcciOptions } from './occi-options.js';
import { INFRASTRUCTURE } from './names.js';

/** What precedes the id of the order in a promised name (spec §1.2). */
const PROMISED: Readonly<Record<ResourceKind, string>> = {
  compute: 'federated_instance_', storage: 'federated_storage_', network: 'federated_network_', attachment: 'federated_attachment_',
};

/** The name that an instance has from the first moment. */
export const promisedName = (kind: ResourceKind, orderId: string): string => PROMISED[kind] + orderId;

/** The name of an instance: that of its cloud, or for those that were asked for as such the one that they were promised (spec §1.8). */
export function instanceName(order: Pick<OrderRecord, 'id' | 'kind' | 'spec' | 'instance' | 'provider'>): string {
  return (order.spec.asInstance ? undefined : globalInstanceId(order)) ?? promisedName(order.kind, order.id);
}

/** An attachment's name ends with its member (spec §1.9). */
export const attachmentName = (orderId: string, member: MemberId | undefined): string => promisedName('attachment', orderId) + (member ? `@${member}` : '');

/** The instance of a name, by `<id>@<member>` or by what was promised. Throws not-found; unauthenticated for somebody else's. */
export async function findInstance({ instances }: Pick<OcciOptions, 'instances'>, user: UserRef, kind: ResourceKind, name: string): Promise<OrderRecord> {
  if (name.startsWith(PROMISED[kind])) return await instances.findByOrder(user, kind, name.slice(PROMISED[kind].length).split('@')[0] ?? '');
  const at = name.lastIndexOf('@');
  if (at < 1 || name.includes('\0')) throw new FogbowError('not-found', 'Resource not found.');
  return await instances.find(user, kind, name.slice(0, at), name.slice(at + 1));
}

/** The instance that the path names; somebody else's is answered with the challenge (spec §1.4). */
export async function instanceOf(options: OcciOptions, kind: ResourceKind, user: UserRef, request: Request, response: Response): Promise<OrderRecord> {
  return await findInstance(options, user, kind, String(request.params['id'])).catch((error: unknown) => {
    if (isFogbowError(error) && error.code === 'unauthenticated') response.set('WWW-Authenticate', options.challenge);
    throw error;
  });
}

/** The orders of the networks that links join (spec §1.3): `</network/ID>; rel="…#network"`. An unknown one is not-found. */
export async function networksOf(options: Pick<OcciOptions, 'instances'>, user: UserRef, links: readonly OcciLink[]): Promise<readonly string[]> {
  const orders = await Promise.all(links.map(({ target, rel }) => {
    const name = /^\/network\/([^/]+)$/.exec(target)?.[1];
    if (!name || rel !== `${INFRASTRUCTURE}network`) throw new FogbowError('not-found', 'Resource not found.');
    return findInstance(options, user, 'network', name);
  }));
  return [...new Set(orders.map(({ id }) => id))];
}
