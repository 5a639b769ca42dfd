import { createHash, createHmac } from 'node:crypto';
import type { OrderInstance, ServiceAddress, UserDataPart } from '@fogbow/request-model';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { serviceAddress } from '@fogbow/queues';
import type { GivenService, GrantsMade, JobQueues, TunnelEndpoint, TunnelGrant } from '@fogbow/queues';
import { createBatcher } from '@fogbow/service-runtime';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { OrderRecord } from '../orders/order-record.js';
import { chooseEndpoints } from './choose-endpoints.js';
import type { GrantStore } from './grant-store.js';
import { machineUserData } from './machine-user-data.js';
import type { TunnelOfMachine } from './tunnel-of-machine.js';

/** How users get into machines: a tunnel grant for each, and the user data that makes it dial and lets its owner in. */
export interface MachineAccess {
  /** Whether machines are measured before they are ready. */
  readonly measures: boolean;
  /** The tunnel of an order's present incarnation, granted now or before; undefined where this member has no tunnel. */
  prepare(order: OrderRecord, signal: AbortSignal): Promise<TunnelOfMachine | undefined>;
  userData(order: OrderRecord, tunnel: TunnelOfMachine | undefined): readonly UserDataPart[];
  /** Where the services of these orders' machines are reached now, by the order's id; those of the machine's own making too. */
  ways(orders: readonly Pick<OrderRecord, 'id' | 'incarnation'>[]): Promise<ReadonlyMap<string, WaysToMachine>>;
  /** Ends the grant of an incarnation; idempotent. */
  withdraw(target: { readonly orderId: string; readonly incarnation: number }): Promise<void>;
}

export type WaysToMachine = Pick<OrderInstance, 'sshAddress' | 'extraAddresses'>;

export interface MachineAccessOptions {
  readonly self: string;
  readonly store: GrantStore;
  /** Queues of the Reverse Tunnel's own Redis; absent where the member has none. */
  readonly tunnelQueues?: JobQueues;
  /** Hosts of the tunnel that machines are told, as they dial them; empty: all. */
  readonly endpoints: readonly string[];
  readonly key: Buffer;
  readonly sshUsername: string;
  readonly timeoutMs: number;
  readonly checkpoints: Checkpoints<CrashStep>;
  /** Absent: nothing is measured. */
  readonly probe?: ProbeAccess;
}

/** The Manager's own way into a machine, for one measurement. */
export interface ProbeAccess {
  /** To be called before the machine is made; idempotent. */
  expect(order: OrderRecord): Promise<void>;
  part(order: OrderRecord): UserDataPart;
}

export const grantIdOf = (target: { readonly orderId: string; readonly incarnation: number }): string => `${target.orderId}-${target.incarnation}`;

export function createMachineAccess(options: MachineAccessOptions): MachineAccess {
  const { tunnelQueues } = options;
  const ask = tunnelQueues && batchGrants(options, tunnelQueues);
  return {
    measures: options.probe !== undefined,
    async prepare(order) {
      await options.probe?.expect(order);
      if (!ask) return undefined;
      const grantId = grantIdOf({ orderId: order.id, incarnation: order.incarnation });
      const secret = secretOf(options.key, grantId);
      const known = order.attempts > 1 ? await options.store.get(grantId) : undefined;
      const made = known ?? await ask({ grant: { id: grantId, secretHash: sha256(secret), owner: order.owner.id, services: [{ name: 'ssh' }] }, orderId: order.id });
      return tunnelOf(grantId, secret, made, options.sshUsername);
    },
    userData: (order, tunnel) => machineUserData({ order, tunnel, sshUsername: options.sshUsername, probe: options.probe?.part(order) }),
    async ways(orders) {
      if (!tunnelQueues || orders.length === 0) return new Map();
      const grants = await options.store.getMany(orders.map(({ id, incarnation }) => grantIdOf({ orderId: id, incarnation })));
      return new Map(grants.map((grant) => [grant.orderId, waysOf(grant)]));
    },
    async withdraw(target) {
      const id = grantIdOf(target);
      if (!tunnelQueues || !await options.store.has(id)) return;
      // Our list is the truth: a tunnel that cannot be told now learns it when it is told the whole list.
      await options.store.remove(id);
      await tunnelQueues.add('revoke-tunnels', { manager: options.self, ids: [id] }).catch(() => undefined);
    },
  };
}

/** The secret needs no storing: it follows from the Manager's key and the grant's id. */
const secretOf = (key: Buffer, grantId: string): string => createHmac('sha256', key).update(`tunnel-secret ${grantId}`).digest('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Granted { readonly endpoint: TunnelEndpoint; readonly endpoints?: readonly TunnelEndpoint[]; readonly services: readonly GivenService[] }

function tunnelOf(grantId: string, secret: string, { endpoint, endpoints = [endpoint], services }: Granted, sshUsername: string): TunnelOfMachine {
  const ssh = sshAddressOf({ endpoint, services });
  return { grantId, secret, endpoints, services, addresses: ssh ? { sshAddress: ssh, sshUsername } : {} };
}

function sshAddressOf({ endpoint, services }: Granted): ServiceAddress | undefined {
  const ssh = services.find((service) => service.name === 'ssh');
  return ssh && { host: endpoint.publicHost, port: ssh.port };
}

function waysOf(grant: Granted & { readonly orderId: string }): WaysToMachine {
  const sshAddress = sshAddressOf(grant);
  return { ...(sshAddress ? { sshAddress } : {}), extraAddresses: extraAddressesOf(grant) };
}

function extraAddressesOf({ orderId, endpoint, services }: Granted & { readonly orderId: string }): Readonly<Record<string, ServiceAddress>> {
  return Object.fromEntries(services.flatMap((service) => {
    const address = service.name === 'ssh' ? undefined : serviceAddress(endpoint, orderId, service);
    return address ? [[service.name, address]] : [];
  }));
}

interface Wish { readonly grant: TunnelGrant; readonly orderId: string }
type Ask = (wish: Wish) => Promise<Granted>;

/** Grants asked for at the same time travel in one job: a batch of fifty orders costs one round trip. */
function batchGrants(options: MachineAccessOptions, queues: JobQueues): Ask {
  const ask = createBatcher<Wish, Granted | FogbowError>({
    maxItems: 200,
    splitOnFailure: false,
    async run(wishes) {
      const made = await queues.request('grant-tunnels', { manager: options.self, grants: wishes.map((wish) => wish.grant) }, options.timeoutMs);
      options.checkpoints.reach('after-grant');
      const results = wishes.map((wish) => grantedOf(options, made, wish.grant.id));
      await options.store.add(wishes.flatMap((wish, index) => {
        const result = results[index];
        return result && !(result instanceof FogbowError) ? [{ ...wish.grant, orderId: wish.orderId, ...result }] : [];
      }));
      return results;
    },
  });
  return async (wish) => {
    const result = await ask(wish);
    if (result instanceof FogbowError) throw result;
    return result;
  };
}

function grantedOf({ endpoints: wanted }: MachineAccessOptions, made: GrantsMade, id: string): Granted | FogbowError {
  const answer = made.grants.find((grant) => grant.id === id);
  try {
    const endpoints = chooseEndpoints(made, id, wanted);
    if (answer && 'services' in answer) return { endpoint: endpoints[0] ?? made.endpoint, endpoints, services: answer.services };
  } catch (error) {
    return asFogbowError(error);
  }
  return new FogbowError('unavailable', `the tunnel gave no port: ${answer?.refused ?? 'no answer'}`);
}
