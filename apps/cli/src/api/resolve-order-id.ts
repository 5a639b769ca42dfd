import { refused } from '../cli-error.js';
import type { Collection, ManagerClient } from './manager-client.js';

const WHOLE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FEDERATED = /^federated_(?:instance|storage|network|attachment)_([0-9a-f-]{36})(?:@.*)?$/;
const SHORTEST_PREFIX = 4;

/**
 * The id of the order that the user means by: its id; the first four or more characters of it; a location that a create printed; the
 * `federated_instance_…` name of the original; or `<id in the cloud>@<member>`.
 */
export async function resolveOrderId(client: ManagerClient, given: string, collection?: Collection): Promise<string> {
  const text = (given.replace(/\/+$/, '').split('/').at(-1) ?? '').replace(FEDERATED, '$1');
  if (WHOLE.test(text)) return text;
  if (text.includes('@')) return byInstance(client, text, collection);
  if (text.length < SHORTEST_PREFIX) throw refused(`"${given}" is too short to name an order.`, 'Give its id or the first characters of it: fogbow order list');
  const found = (await client.orders.list()).filter(({ id }) => id.startsWith(text)).map(({ id }) => id);
  if (found.length === 1) return found[0] as string;
  throw found.length === 0
    ? refused(`No order of yours begins with "${given}".`, 'See them with: fogbow order list')
    : refused(`"${given}" may be any of: ${found.slice(0, 5).join(', ')}${found.length > 5 ? ' …' : ''}.`, 'Give more of the id.');
}

async function byInstance(client: ManagerClient, instanceId: string, collection: Collection | undefined): Promise<string> {
  const all = collection ? await client.resources(collection).list() : await client.orders.list();
  const found = all.find((one) => one.instanceId === instanceId);
  const id = found && ('orderId' in found ? found.orderId : undefined) || found?.id;
  if (id) return id;
  throw refused(`None of your orders has the instance ${instanceId}.`, 'See them with: fogbow order list');
}
