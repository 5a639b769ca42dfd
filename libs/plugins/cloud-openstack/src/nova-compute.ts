import { setTimeout as delay } from 'node:timers/promises';
import { encodeUserData } from '@fogbow/request-model';
import type { Quota, UserDataPart } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputeCloud, Instance, InstanceRequest, KeyedTurns, NetworkAddress, PluginLog } from '@fogbow/plugin-contracts';
import { sizeOf } from './choose-flavor.js';
import type { NovaFlavor } from './choose-flavor.js';
import type { GlanceImages } from './glance-images.js';
import { createNeutronLeftovers } from './neutron-leftovers.js';
import type { NeutronNames } from './neutron-names.js';
import type { NeutronPorts } from './neutron-ports.js';
import type { NovaFlavors } from './nova-flavors.js';
import { instanceOf, isLeaving, isOurs, networkMetadata, networksOf } from './nova-server.js';
import type { NovaServer } from './nova-server.js';
import { orAbsent, recoded, Silence } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';
import type { OpenStackOptions } from './openstack-options.js';
import { createExplainFaults } from './explain-faults.js';
import { createJoinedQuestion } from './joined-question.js';
import { createRemovedServers } from './removed-servers.js';
import { createSharedQuestion, unlessAborted } from './shared-question.js';
import { exactly, FLOATING_KEY, OUR_NAMES, requireClientToken, TOKEN_KEY } from './our-names.js';

export interface NovaParts {
  readonly http: OpenStackHttp;
  readonly flavors: NovaFlavors;
  readonly images: GlanceImages;
  readonly names: NeutronNames;
  readonly ports: NeutronPorts;
  readonly turns: KeyedTurns;
  quota(call: CloudCall): Promise<Quota>;
  readonly log: PluginLog;
}

/** Compute API: user_data may have so many characters after it was encoded. */
const LONGEST_USER_DATA = 65_535;
/** A client token has 63 characters at most, and a line of HTTP 8 KiB with many servers. */
const NAMES_IN_A_QUESTION = 40;
const GONE_POLL_MS = 200;
const LOOK_MS = 1000;
const CREATE = 'POST servers of compute';

/** Machines of Nova. A machine is ours by its name, which is its client token, and by its metadata. */
export function createNovaCompute(options: OpenStackOptions, parts: NovaParts): ComputeCloud {
  const { http, turns, ports } = parts;
  const share = createSharedQuestion<readonly Instance[]>();
  const removed = createRemovedServers(options.now);
  const servers = async (name: string, call: CloudCall): Promise<NovaServer[]> =>
    (await http.list<NovaServer>('compute', { path: '/servers/detail', key: 'servers', query: { name } }, call)).map(removed.shown);
  const server = async (id: string, call: CloudCall): Promise<NovaServer | undefined> =>
    (await orAbsent(http.ask<{ server: NovaServer }>('compute', { method: 'GET', path: `/servers/${encodeURIComponent(id)}` }, call)))?.server;
  const explained = createExplainFaults({ ask: server, now: options.now });
  const join = createJoinedQuestion<NovaServer>({ lanes: 2, most: NAMES_IN_A_QUESTION });
  const find = async (clientToken: string, call: CloudCall): Promise<Instance | undefined> => {
    requireClientToken(clientToken);
    const found = await unlessAborted(join(call.token.value, clientToken, async (names) => firstOfEach(await explained(await servers(exactly(...names), call), call))), call.signal);
    return found && instanceOf(found, options.now());
  };
  const leftovers = createNeutronLeftovers({ http, ports, memberId: options.memberId, log: parts.log, now: options.now, hasMachine: async (token, call) => await find(token, call) !== undefined });
  return {
    // Nova has no key that makes a create once only: the Manager serialises, and every create looks first.
    capabilities: { bootsUserData: true, atomicCreate: false, givesAccess: options.floatingNetwork !== undefined },
    create: (request, call) => turns(request.clientToken, async () =>
      await find(request.clientToken, call) ?? await lookAfterSilence(() => createServer(options, parts, request, call), () => find(request.clientToken, call), call.signal)),
    find,
    async describe(id, call) {
      const found = await server(id, call);
      return found && instanceOf(removed.shown(found), options.now());
    },
    list: (call) => share(call.token.value, call.signal, async () => {
      const ours = await explained((await servers(OUR_NAMES, call)).filter(isOurs), call);
      await leftovers.sweep(call);
      return [...new Map(ours.map((one) => [one.id, one])).values()].flatMap((one) => instanceOf(one, options.now()) ?? []);
    }),
    async remove(id, call) {
      const found = await server(id, call);
      if (!found || isLeaving(found)) return;
      const { metadata = {} } = found;
      // Ports go first: after a crash the machine is still there, and so is found again. Nova removes only what it made itself.
      if (networksOf(metadata).length > 0 || metadata[FLOATING_KEY] !== undefined) await ports.release(metadata[TOKEN_KEY] ?? '', call);
      await orAbsent(http.ask('compute', { method: 'DELETE', path: `/servers/${id}` }, call));
      removed.add(id);
      // Volumes are free when the machine is gone, and not before.
      if (found['os-extended-volumes:volumes_attached']?.length) await untilGone(() => server(id, call), call.signal);
    },
    quota: (call) => parts.quota(call),
  };
}

/** More than one of a name came of calls that crossed: everybody means the same, the oldest, and removing goes on until none is left. */
function firstOfEach(servers: readonly NovaServer[]): ReadonlyMap<string, NovaServer> {
  const ours = servers.filter((one) => isOurs(one) && !isLeaving(one));
  const latestFirst = ours.sort((left, right) => (right.created ?? '').localeCompare(left.created ?? '') || right.id.localeCompare(left.id));
  return new Map(latestFirst.map((one) => [one.name, one]));
}

/**
 * A create whose answer did not come may still be on its way through Nova, unseen by every question; whoever asks again too soon gets a
 * second machine. So the rest of the call's time is spent on looking.
 */
async function lookAfterSilence(create: () => Promise<Instance>, find: () => Promise<Instance | undefined>, signal: AbortSignal): Promise<Instance> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof Silence) || error.request !== CREATE) throw error;
    while (!signal.aborted) {
      const found = await find().catch(() => undefined);
      if (found) return found;
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
    throw error;
  }
}

interface Plan {
  readonly flavor: NovaFlavor;
  readonly imageId: string;
  readonly networkId: string;
  readonly userData: string;
  readonly nics: readonly { readonly uuid: string }[] | readonly { readonly port: string }[];
  readonly networks: readonly NetworkAddress[];
}

async function createServer(options: OpenStackOptions, parts: NovaParts, request: InstanceRequest, call: CloudCall): Promise<Instance> {
  const userData = encodedUserData(options, request);
  const wanted = request.image ?? options.image;
  if (wanted === undefined) throw new FogbowError('cloud-rejected', 'The order names no image, and the setting image of cloud-openstack gives none.');
  const [flavor, imageId, networkId] = await Promise.all([
    parts.flavors.fitting(request.size, call), parts.images.idOf(wanted, call), parts.names.idOf(options.network, 'network', call),
  ]);
  const prepared = await prepareNics(options, parts, request, networkId, call);
  const body = bodyOf(options, request, { flavor, imageId, networkId, userData, ...prepared });
  try {
    const { server } = await parts.http.ask<{ server: { id: string } }>('compute', { method: 'POST', path: '/servers', body }, call);
    return {
      id: server.id, clientToken: request.clientToken, state: 'inactive', size: sizeOf(flavor),
      ...(prepared.networks.length > 0 ? { networks: prepared.networks } : {}),
    };
  } catch (error) {
    // A flavor or an image may have gone since the lists were read.
    parts.flavors.forget();
    parts.images.forget();
    const outcome = recoded(error, { conflict: 'cloud-rejected', 'not-found': 'cloud-rejected' });
    const isClear = outcome instanceof FogbowError && outcome.code !== 'cloud-unavailable';
    if (isClear && prepared.made) await parts.ports.release(request.clientToken, call).catch(() => undefined);
    throw parts.images.explain(outcome, wanted);
  }
}

/** Ports of our own on private networks, for their addresses; Nova makes the one on the member's network, but where it has to float. */
async function prepareNics({ floatingNetwork }: OpenStackOptions, { ports, names }: NovaParts, { clientToken, networkIds = [] }: InstanceRequest, networkId: string, call: CloudCall):
Promise<Pick<Plan, 'nics' | 'networks'> & { readonly made: boolean }> {
  if (networkIds.length === 0 && floatingNetwork === undefined) return { nics: [{ uuid: networkId }], networks: [], made: false };
  const floatingNetworkId = floatingNetwork === undefined ? undefined : await names.idOf(floatingNetwork, 'floatingNetwork', call);
  const made = await ports.prepare(clientToken, floatingNetworkId === undefined ? networkIds : [networkId, ...networkIds], call);
  const own = floatingNetworkId === undefined ? made : made.slice(1);
  const first = made[0];
  if (floatingNetworkId !== undefined && first) {
    await ports.float(clientToken, floatingNetworkId, first.portId, call).catch(async (error: unknown) => {
      await ports.release(clientToken, call).catch(() => undefined);
      throw recoded(error, { conflict: 'cloud-rejected' });
    });
  }
  const nics = [...(floatingNetworkId === undefined ? [{ uuid: networkId }] : []), ...made.map(({ portId }) => ({ port: portId }))];
  return { nics: nics as Plan['nics'], networks: own.map(({ networkId: of, address }) => ({ networkId: of, address })), made: true };
}

function bodyOf({ securityGroups, availabilityZone, floatingNetwork, sshUsername }: OpenStackOptions, { clientToken }: InstanceRequest, { flavor, imageId, userData, nics, networks }: Plan): object {
  return {
    server: {
      name: clientToken, flavorRef: flavor.id, imageRef: imageId, networks: nics, user_data: userData,
      metadata: { [TOKEN_KEY]: clientToken, ...networkMetadata(networks), ...(floatingNetwork === undefined ? {} : { [FLOATING_KEY]: sshUsername }) },
      ...(securityGroups.length > 0 ? { security_groups: securityGroups.map((name) => ({ name })) } : {}),
      ...(availabilityZone === undefined ? {} : { availability_zone: availabilityZone }),
    },
  };
}

function encodedUserData({ floatingNetwork, sshUsername }: OpenStackOptions, { userData, publicKey }: InstanceRequest): string {
  const parts = floatingNetwork === undefined || publicKey === undefined ? userData : [accountOf(sshUsername, publicKey), ...userData];
  try {
    const text = Buffer.from(encodeUserData(parts), 'utf8').toString('base64');
    if (text.length > LONGEST_USER_DATA) throw new FogbowError('cloud-rejected', `OpenStack takes ${LONGEST_USER_DATA} bytes of encoded user data; these have ${text.length}.`);
    return text;
  } catch (error) {
    throw error instanceof TypeError ? new FogbowError('cloud-rejected', error.message) : error;
  }
}

/** Where nobody comes through a tunnel the cloud lets the user in (C9): cloud-init makes the account. */
const accountOf = (name: string, publicKey: string): UserDataPart => ({
  contentType: 'text/cloud-config',
  content: `#cloud-config\n${JSON.stringify({ users: ['default', { name, ssh_authorized_keys: [publicKey], sudo: 'ALL=(ALL) NOPASSWD:ALL', shell: '/bin/bash', lock_passwd: true }] })}\n`,
});

async function untilGone(look: () => Promise<NovaServer | undefined>, signal: AbortSignal): Promise<void> {
  while (await look()) {
    await delay(GONE_POLL_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', 'OpenStack removes the machine, but has not yet let go of its volumes.', { cause });
    });
  }
}
