import { RESOURCE_KINDS } from '@fogbow/request-model';
import { limitTime } from '@fogbow/plugin-contracts';
import type { CloudPlugin, Image } from '@fogbow/plugin-contracts';
import { inSpan, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { createGrantStore } from './access/grant-store.js';
import { createMachineAccess } from './access/machine-access.js';
import type { MachineAccess } from './access/machine-access.js';
import { readKey } from './check-configuration.js';
import { createCloudStart } from './clouds/cloud-start.js';
import { createCloudsProvider } from './clouds/clouds-provider.js';
import type { OwnCloud } from './clouds/clouds-provider.js';
import { placeOf } from './clouds/choose-clouds.js';
import { askEachCloud } from './clouds/ask-each-cloud.js';
import { namedCloud } from './clouds/named-cloud.js';
import { createRememberedRoom } from './clouds/remembered-room.js';
import type { ConfiguredCloud } from './clouds/read-clouds.js';
import type { Ground, Orders } from './compose-parts.js';
import type { Power } from './compose-power.js';
import { createCloudTokens } from './credentials/cloud-tokens.js';
import type { CloudTokens } from './credentials/cloud-tokens.js';
import { createMapAccount, DEFAULT_ACCOUNT } from './credentials/map-account.js';
import type { MapAccount } from './credentials/map-account.js';
import { createAccountsProvider } from './fulfilment/accounts-provider.js';
import { createCloudCalls } from './fulfilment/cloud-calls.js';
import type { CloudCalls } from './fulfilment/cloud-calls.js';
import { createCloudDrivers } from './fulfilment/cloud-drivers.js';
import { createFindInstance } from './fulfilment/find-instance.js';
import type { InstanceProvider } from './fulfilment/instance-provider.js';
import type { LookRound } from './fulfilment/look-round.js';
import { createLocalProvider } from './fulfilment/local-provider.js';
import type { ResourceDrivers } from './fulfilment/resource-driver.js';
import { createToldProvider } from './fulfilment/told-provider.js';
import { createSumQuotas, createSumTold } from './fulfilment/sum-quotas.js';
import { createListOurInstances } from './monitoring/list-our-instances.js';
import type { MachineCloud } from './orders/act-on-machine.js';
import { createPlugin } from './plugins.js';

export type Cloud = Awaited<ReturnType<typeof composeCloud>>;

/** The member's own clouds, each with its accounts. */
export async function composeCloud(context: ServiceContext, ground: Ground, orders: Orders, { probeAccess }: Power) {
  const { values, self, log, database, tunnelQueues, checkpoints } = ground;
  const key = readKey(values.keyFile);
  const grants = createGrantStore(database);
  const access = createMachineAccess({
    self, key, store: grants, endpoints: values.tunnelEndpoints, sshUsername: values.sshUsername, timeoutMs: values.tunnelTimeoutMs, checkpoints,
    ...(tunnelQueues ? { tunnelQueues } : {}), ...(probeAccess ? { probe: probeAccess } : {}),
  });
  const clouds: ComposedCloud[] = [];
  for (const configured of values.clouds) clouds.push(await openCloud(context, { ground, orders, access, key }, configured));
  const accounts = clouds.flatMap((cloud) => [...cloud.accounts.values()]);
  const onlyCalls = accounts.length === 1 ? accounts[0]?.calls : undefined;
  const toldBy = clouds.map((cloud) => createSumQuotas([...cloud.accounts.values()].map(({ calls }) => calls.quota)));
  return {
    grants, tokens: accounts.map(({ tokens }) => tokens),
    local: createToldProvider({ provider: createCloudsProvider({ self, clouds }), self, log, clock: systemClock }),
    kinds: RESOURCE_KINDS.filter((kind) => clouds.some(({ kinds }) => kinds.includes(kind))),
    // Each cloud and account has its own; an order is tried where it belongs, and the cloud says whether there is room.
    room: onlyCalls ? onlyCalls.quota : () => Promise.resolve(undefined),
    quota: createSumTold(toldBy),
    listInstances: askEachCloud({ clouds, log, what: 'what it has' }, (cloud, signal, round: LookRound) =>
      createListOurInstances({ accounts: [...cloud.accounts.values()], drivers: cloud.drivers })(signal, round)),
    listImages: createUnion(askEachCloud({ clouds: clouds.filter(({ plugin }) => plugin.images), log, what: 'its images' }, listImages)),
    machineCloud: (instance: Parameters<MachineCloudOf>[0]) => machineCloudOf(clouds, instance, values.cloudTimeoutMs),
  };
}

/** A cloud as one account sees it. */
interface Account {
  readonly tokens: CloudTokens;
  readonly calls: CloudCalls;
  readonly local: InstanceProvider;
}

interface ComposedCloud extends OwnCloud {
  readonly plugin: CloudPlugin;
  readonly drivers: ResourceDrivers;
  readonly accounts: ReadonlyMap<string, Account>;
}

interface Parts {
  readonly ground: Ground;
  readonly orders: Orders;
  readonly access: MachineAccess;
  readonly key: Buffer;
}

async function openCloud(context: ServiceContext, parts: Parts, configured: ConfiguredCloud): Promise<ComposedCloud> {
  const { values, self, log } = parts.ground;
  const { name } = configured;
  const isFirst = configured === values.clouds[0];
  const made = createPlugin('cloud', configured.values, { memberId: self, log, now: systemClock.now });
  const plugin = isFirst ? made : namedCloud(name, made);
  const ready = createCloudStart({ name, plugin, signal: context.signal, log });
  // With nothing beside it a cloud that cannot start is a reason not to start.
  await (values.clouds.length === 1 ? ready() : ready().catch(() => undefined));
  context.add({ name: `cloud ${name}`, stop: () => plugin.stop() });
  const drivers = createCloudDrivers(plugin, parts.access);
  const accounts = openAccounts(parts, configured, { plugin, drivers, ready });
  const accountOf = createMapAccount({ self, mapper: values.cloudMapper, names: [...accounts.keys()] });
  const provider = accounts.size === 1 ? (accounts.get(DEFAULT_ACCOUNT) as Account).local
    : createAccountsProvider({ accounts: new Map([...accounts].map(([account, { local }]) => [account, local])), accountOf });
  const holds = RESOURCE_KINDS.filter((kind) => drivers[kind] !== undefined);
  const kinds = holds.filter((kind) => plugin.kinds?.includes(kind) ?? true);
  return { name, plugin, drivers, accounts, provider, holds, kinds, ...questionsOf(self, { plugin, drivers, accounts, accountOf }) };
}

function openAccounts({ ground, orders, key }: Parts, { name, accounts }: ConfiguredCloud, { plugin, drivers, ready }: Pick<ComposedCloud, 'plugin' | 'drivers'> & { ready: () => Promise<void> }): ReadonlyMap<string, Account> {
  const { values, self, log, database, checkpoints, measureCall, tracing } = ground;
  const isFirst = values.clouds[0]?.name === name;
  return new Map([...accounts].map(([account, credentials]) => {
    const tokens = createCloudTokens({ database, key, log, clock: systemClock, account: isFirst ? account : `${name}~${account}`, identity: plugin.identity, credentials, periodMs: values.periods.tokens });
    const calls = createCloudCalls({ compute: plugin.compute, tokens, timeoutMs: values.cloudTimeoutMs, ready, measure: (operation, work) => measureCall(name, operation, () => inSpan(tracing, { name: `cloud ${operation}`, kind: 'client', attributes: { 'fogbow.cloud': name } }, work)) });
    return [account, { tokens, calls, local: createLocalProvider({ self, calls, drivers, mayAsk: orders.life.isAlive, checkpoints }) }];
  }));
}

/** A cloud that has said nothing for so long is passed over by those who may go to another. */
const PATIENCE_MS = 5000;

function questionsOf(self: string, { plugin, drivers, accounts, accountOf }: Pick<ComposedCloud, 'plugin' | 'drivers' | 'accounts'> & { accountOf: MapAccount }): Pick<OwnCloud, 'has' | 'roomRefusal' | 'limit' | 'distrust'> {
  const rooms = new Map([...accounts].map(([account, { calls }]) => [account, createRememberedRoom({
    ask: (signal) => calls.run(signal, 'quota', (call) => plugin.compute.quota(call)), clock: systemClock, patienceMs: PATIENCE_MS,
  })]));
  return {
    has: async (order, signal) => await createFindInstance({ self, drivers, calls: (accounts.get(accountOf(order)) as Account).calls })(order, signal) !== undefined,
    roomRefusal: async (order, takes) => await rooms.get(accountOf(order))?.refusalOf(takes),
    limit: (signal) => (rooms.get(DEFAULT_ACCOUNT)?.isSilent() ? limitTime(signal, PATIENCE_MS) : signal),
    distrust: (order) => rooms.get(accountOf(order))?.forget(),
  };
}

/** Users ask by name, and get it from whichever cloud has it: each name stands once. */
function createUnion(list: (signal: AbortSignal) => Promise<readonly Image[]>): (signal: AbortSignal) => Promise<readonly Image[]> {
  return async (signal) => [...new Map([...await list(signal)].reverse().map((image) => [image.name, image])).values()].reverse();
}

async function listImages({ plugin, accounts }: ComposedCloud, signal: AbortSignal): Promise<readonly Image[]> {
  return await (accounts.get(DEFAULT_ACCOUNT) as Account).calls.run(signal, 'images', (call) => plugin.images?.list(call) ?? Promise.resolve([]));
}

type MachineCloudOf = (instance: { readonly cloud?: string; readonly account?: string }) => MachineCloud | undefined;

/** Where a machine was made, and so where it can be switched. */
function machineCloudOf(clouds: readonly ComposedCloud[], { cloud, account = DEFAULT_ACCOUNT }: Parameters<MachineCloudOf>[0], timeoutMs: number): MachineCloud | undefined {
  const place = placeOf(clouds, cloud);
  const calls = place?.accounts.get(account)?.calls;
  if (!place || !calls) return undefined;
  return { ...(place.plugin.power ? { power: place.plugin.power } : {}), call: (work) => calls.run(AbortSignal.timeout(timeoutMs), 'power', work) };
}
