import { parseClientToken } from '@fogbow/request-model';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { Site } from './sites.js';

export interface Expectation {
  /** Orders of A that must be fulfilled. There must be no other orders and nothing else in any cloud. */
  readonly orders: readonly string[];
  /** Whether each machine has a tunnel grant. */
  readonly tunnels: boolean;
}

/** What is the matter just now: empty when orders, machines, removals and grants of both members fit together. */
export async function findFaults(home: Site, abroad: Site, expected: Expectation): Promise<string[]> {
  const orders = await home.api.list();
  const faults = [
    ...orders.filter(({ id }) => !expected.orders.includes(id)).map(({ id, state }) => `order ${id} should not be there (${state})`),
    ...expected.orders.filter((id) => !orders.some((order) => order.id === id)).map((id) => `order ${id} is lost`),
    ...orders.filter(({ state }) => state !== 'fulfilled').map((order) => `order ${order.id} is ${order.state}: ${order.reason}`),
  ];
  const sites = [home, abroad];
  return [...faults, ...await thingFaults(sites, orders), ...await servedFaults(home, abroad, orders), ...(await Promise.all(sites.map((site) => leftovers(site, expected)))).flat()];
}

async function thingFaults(sites: readonly Site[], orders: readonly OrderView[]): Promise<string[]> {
  const things = (await Promise.all(sites.map(async (site) => (await site.things()).map(({ id, kind, clientToken }) =>
    ({ name: `${kind} ${id}@${site.id}`, orderId: parseClientToken(site.id, clientToken)?.orderId }))))).flat();
  const strange = things.filter(({ orderId }) => !orders.some((order) => order.id === orderId)).map(({ name }) => `${name} has no order`);
  return [...strange, ...orders.flatMap((order) => {
    const own = things.filter(({ orderId }) => orderId === order.id);
    if (own.length !== 1) return [`order ${order.id} has ${own.length} things: ${own.map(({ name }) => name).join(', ')}`];
    return own[0]?.name === `${order.kind} ${order.instanceId}` ? [] : [`order ${order.id} shows ${order.kind} ${order.instanceId}, its cloud has ${own[0]?.name}`];
  })];
}

/** What the provider has stored for us is what we think that it serves. */
async function servedFaults(home: Site, abroad: Site, orders: readonly OrderView[]): Promise<string[]> {
  const served = await abroad.rows<{ id: string; state: string }>('select id, state from orders');
  const wanted = orders.filter((order) => order.providingMember === abroad.id);
  return [
    ...served.filter((row) => !wanted.some(({ id }) => id === row.id)).map((row) => `${abroad.id} keeps order ${row.id} (${row.state}) that ${home.id} does not want`),
    ...wanted.filter(({ id }) => !served.some((row) => row.id === id && row.state === 'fulfilled')).map(({ id }) => `${abroad.id} does not know order ${id} as fulfilled`),
  ];
}

async function leftovers(site: Site, { tunnels }: Expectation): Promise<string[]> {
  const [releases, grants, machines] = await Promise.all([
    site.rows<{ order_id: string; member: string }>('select order_id, member from releases'), site.rows<{ id: string }>('select id from tunnel_grants'), site.machines(),
  ]);
  const inTunnel = tunnels ? await site.grantsInTunnel() : 0;
  const due = tunnels ? machines.length : 0;
  return [
    ...releases.map((row) => `${site.id} still has to remove ${row.order_id} at ${row.member}`),
    ...(grants.length === due ? [] : [`${site.id} has ${grants.length} tunnel grants for ${due} machines`]),
    ...(inTunnel === due ? [] : [`the tunnel of ${site.id} holds ${inTunnel} grants for ${due} machines`]),
  ];
}

/** How long all must stay well before it is believed. */
const STAY_MS = 500;

/** Waits until there is no fault, and there is still none a while later. */
export async function awaitHarmony(home: Site, abroad: Site, expected: Expectation, timeoutMs = 30_000): Promise<void> {
  const begun = performance.now();
  for (;;) {
    await awaitNoFaults(home, abroad, expected, timeoutMs - (performance.now() - begun));
    await pause(STAY_MS);
    const faults = await findFaults(home, abroad, expected).catch((error: unknown) => [String(error)]);
    if (faults.length === 0) return;
    if (performance.now() - begun > timeoutMs) throw new Error(`it does not stay well: ${few(faults).join('; ')}`);
  }
}

/** Of hundreds of orders a dozen tell enough. */
const few = (faults: readonly string[]): string[] => (faults.length > 12 ? [...faults.slice(0, 12), `and ${faults.length - 12} more`] : [...faults]);

async function awaitNoFaults(home: Site, abroad: Site, expected: Expectation, timeoutMs: number): Promise<void> {
  let seen: readonly string[] = [];
  await awaitEvent('orders, machines and removals fit together', async () => {
    seen = await findFaults(home, abroad, expected);
    return seen.length === 0;
  }, { timeoutMs, everyMs: 50, seen: () => few(seen) });
}
