import assert from 'node:assert/strict';
import { createApiClient } from '../api-client.js';
import type { ApiClient, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { FederationMember } from '../federation-file.js';
import { machineOf, machinesIn } from '../machines.js';
import type { MachineOnDisk } from '../machines.js';
import type { Outcome, SshUser } from '../ssh.js';
import type { TestFederation } from '../start-federation.js';

/** What every chapter needs: two members, a user of A with a key, and a stranger with another. */
export interface World {
  readonly federation: TestFederation;
  readonly alice: SshUser;
  readonly stranger: SshUser;
  readonly a: FederationMember;
  readonly b: FederationMember;
  /** The Manager of A as its user sees it, and that of B. */
  readonly home: ApiClient;
  readonly away: ApiClient;
}

/** Members are looked up when they are used: they are known only once the federation runs. */
export function createWorld(given: Pick<World, 'federation' | 'alice' | 'stranger'>): World {
  const { federation } = given;
  return {
    ...given,
    get a() { return federation.member('a'); },
    get b() { return federation.member('b'); },
    get home() { return createApiClient(federation.member('a')); },
    get away() { return createApiClient(federation.member('b')); },
  };
}

/** The longest any order of the story takes; one that waits for room is looked at again after 30 s at the latest. */
const PATIENCE_MS = 60_000;

/** Waits until every order is in the state and, where that is `fulfilled`, shows its address. */
export async function awaitState(world: World, ids: readonly string[], state: OrderView['state'], timeoutMs = PATIENCE_MS): Promise<OrderView[]> {
  let seen: (OrderView | undefined)[] = [];
  return await awaitEvent(`${ids.length} order(s) ${state}`, async () => {
    seen = await Promise.all(ids.map((id) => world.home.show(id)));
    const there = seen.filter((order): order is OrderView => order?.state === state && (state !== 'fulfilled' || order.ssh !== undefined));
    return there.length === ids.length && there;
  }, { timeoutMs, seen: () => seen.map((order) => order && { state: order.state, reason: order.reason, at: order.providingMember }) });
}

export async function awaitOrder(world: World, id: string, what: string, holds: (order: OrderView) => boolean, timeoutMs = PATIENCE_MS): Promise<OrderView> {
  let seen: OrderView | undefined;
  return await awaitEvent(what, async () => {
    seen = await world.home.show(id);
    return seen !== undefined && holds(seen) && seen;
  }, { timeoutMs, seen: () => seen && { state: seen.state, reason: seen.reason, at: seen.providingMember, placement: seen.placement, history: seen.history?.map(({ to, event, reason: why }) => `${to} ${event}: ${why ?? ''}`) } });
}

export async function awaitGone(world: World, ids: readonly string[]): Promise<void> {
  await awaitEvent('the orders are gone from the list', async () => !(await world.home.list()).some((order) => ids.includes(order.id)));
}

export const providerOf = (world: World, order: OrderView): FederationMember => {
  const member = [world.a, world.b].find(({ id }) => id === order.providingMember);
  assert(member, `order ${order.id} names no provider of this federation: ${order.providingMember}`);
  return member;
};

export function machineFor(world: World, order: OrderView): MachineOnDisk {
  assert(order.instanceId, `order ${order.id} shows no instance`);
  return machineOf(String(providerOf(world, order).cloud.directory), order.instanceId);
}

export function addressOf(order: OrderView): NonNullable<OrderView['ssh']> {
  assert(order.ssh, `order ${order.id} shows no ssh address`);
  return order.ssh;
}

/** A fulfilled order's machine answers at the first try: that is what fulfilled means. */
export async function login(world: World, order: OrderView, command = 'echo in'): Promise<Outcome> {
  const outcome = await world.alice.run(addressOf(order), command);
  assert.equal(outcome.status, 0, `ssh to order ${order.id} at ${order.providingMember}: ${outcome.status} ${outcome.stderr}`);
  return outcome;
}

/** Deletes every order and waits until nothing of them is left at either member. */
export async function cleanSlate(world: World): Promise<void> {
  await world.home.removeAll();
  await awaitEvent('no orders and no machines', async () =>
    (await world.home.list()).length === 0 && [world.a, world.b].every(({ cloud }) => machinesIn(String(cloud.directory)).length === 0));
}
