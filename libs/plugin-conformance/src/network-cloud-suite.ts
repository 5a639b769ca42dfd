import type { Instance, Network, NetworkRequest } from '@fogbow/plugin-contracts';
import { ability, activeMachine, tokenOf, untilState, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { resourceRules } from './resource-rules.js';

export type NetworkRuleId = 'N1' | 'N1-range' | 'N2' | 'N3' | 'N3-token' | 'N4' | 'N5' | 'N6' | 'C8' | 'C8-unknown' | 'C8-full';

export interface NetworkSuiteOptions extends CloudOptions {
  /** Two ranges of 4 addresses (/30) that the cloud can serve, which do not overlap. */
  readonly ranges: readonly [string, string];
  /** Proper ranges that the cloud cannot serve. */
  readonly unservable?: readonly string[];
  readonly skips?: Skips<NetworkRuleId>;
}

interface NetworkSubject extends CloudSubject { readonly ranges: NetworkSuiteOptions['ranges']; readonly unservable: readonly string[] }
type Rule = ConformanceRule<NetworkRuleId, NetworkSubject>;

const networkRequest = (name: string, cidr: string): NetworkRequest => ({ clientToken: tokenOf(name), cidr, allocation: 'dynamic', name });
/** The n-th address of a range. */
const hostOf = (cidr: string, n: number): string => cidr.replace(/(\d+)\/\d+$/, (_all, last: string) => String(Number(last) + n));
/** What machines may have of each range: all but the first, the last and the gateway that the cloud shows. */
async function usableOf(made: readonly Promise<Network | undefined>[], ranges: readonly string[]): Promise<string[][]> {
  const gateways = (await Promise.all(made)).map((network) => network?.gateway);
  return ranges.map((range, index) => [1, 2].map((n) => hostOf(range, n)).filter((host) => host !== gateways[index]));
}
const addressesOf = ({ networks }: Instance): string[] => (networks ?? []).map(({ address }) => address);

const lifecycle = (ranges: NetworkSuiteOptions['ranges']) =>
  resourceRules<NetworkRuleId>({ repeat: 'N1', find: 'N2', describe: 'N3', token: 'N3-token', list: 'N4', remove: 'N5' }, ({ plugin, call }) => {
    const networks = ability(plugin, 'networks');
    return {
      create: (name, as = call) => networks.create(networkRequest(name, name === 'one' ? ranges[0] : ranges[1]), as),
      find: (token, as) => networks.find(token, as),
      describe: (id, as) => networks.describe(id, as),
      list: (as) => networks.list(as),
      remove: (id, as) => networks.remove(id, as),
    };
  });

const making: Rule[] = [{
  id: 'N1-range', says: 'what was asked is what is there; a range that cannot be served is cloud-rejected with a reason',
  async check(subject) {
    const { plugin, call, ranges, unservable } = subject;
    const networks = ability(plugin, 'networks');
    const wanted = { ...networkRequest('one', ranges[0]), gateway: hostOf(ranges[0], 1), allocation: 'static' as const };
    const { id } = await networks.create(wanted, call);
    expect(await untilState(subject, 'active', () => networks.describe(id, call))).toMatchObject(wanted);
    const faulty = ['', 'nonsense', '10.0.0.0', '10.0.0.0/33', '10.0.0.256/30', hostOf(ranges[1], 1), ...unservable];
    for (const cidr of faulty) expect([cidr, await codeOf(networks.create(networkRequest('two', cidr), call))]).toEqual([cidr, 'cloud-rejected']);
    for (const gateway of [hostOf(ranges[0], 1), 'nonsense']) {
      expect(await codeOf(networks.create({ ...networkRequest('two', ranges[1]), gateway }, call))).toBe('cloud-rejected');
    }
    expect(await networks.list(call)).toHaveLength(1);
  },
}, {
  id: 'N6', says: 'a network with a machine on it is not removed: conflict',
  async check(subject) {
    const { plugin, call, request, ranges } = subject;
    const networks = ability(plugin, 'networks');
    const { id } = await networks.create(networkRequest('one', ranges[0]), call);
    const machine = await plugin.compute.create({ ...request('one'), networkIds: [id] }, call);
    expect(await codeOf(networks.remove(id, call))).toBe('conflict');
    expect(await networks.describe(id, call)).toMatchObject({ id });
    await plugin.compute.remove(machine.id, call);
    await networks.remove(id, call);
    expect(await networks.describe(id, call)).toBeUndefined();
  },
}];

const machines: Rule[] = [{
  id: 'C8', says: 'a machine has an address of each of its networks, its own for life',
  async check(subject) {
    const { plugin, call, request, ranges } = subject;
    const networks = ability(plugin, 'networks');
    const made = await Promise.all(['one', 'two'].map((name, index) => networks.create(networkRequest(name, ranges[index] as string), call)));
    const networkIds = made.map(({ id }) => id).reverse();
    const usable = await usableOf(made.map(({ id }) => networks.describe(id, call)), ranges);
    // A cloud that chooses a gateway has room for one machine in a range of four.
    const names = ['one', 'two'].slice(0, Math.min(...usable.map((hosts) => hosts.length)));
    const all = await Promise.all(names.map((name) => activeMachine(subject, { ...request(name), networkIds })));
    for (const machine of all) expect(machine.networks?.map(({ networkId }) => networkId)).toEqual(networkIds);
    expect(all.flatMap(addressesOf).sort()).toEqual(usable.flat().sort());
    expect((await plugin.compute.list(call)).flatMap(addressesOf).sort()).toEqual(usable.flat().sort());
    await plugin.compute.remove(all[0]?.id ?? '', call);
    const next = await plugin.compute.create({ ...request('one'), networkIds }, call);
    expect(addressesOf(next)).toEqual(addressesOf(all[0] as Instance));
  },
}, {
  id: 'C8-unknown', says: 'a create on a network that is not there is not-found and makes no machine',
  async check({ plugin, call, request }) {
    expect(await codeOf(plugin.compute.create({ ...request('one'), networkIds: ['no-such-network'] }, call))).toBe('not-found');
    expect(await plugin.compute.list(call)).toEqual([]);
  },
}, {
  id: 'C8-full', says: 'the last address is given once, and never the gateway',
  async check({ plugin, call, request, ranges }) {
    const { id } = await ability(plugin, 'networks').create({ ...networkRequest('one', ranges[0]), gateway: hostOf(ranges[0], 1) }, call);
    const outcomes = await Promise.all(['a', 'b'].map((name) => plugin.compute.create({ ...request(name), networkIds: [id] }, call)
      .then((made) => addressesOf(made)[0], (error: { code?: string }) => error.code)));
    expect(outcomes.sort()).toEqual([hostOf(ranges[0], 2), 'quota-exceeded']);
    expect(await plugin.compute.list(call)).toHaveLength(1);
  },
}];

/** Holds a cloud to docs/contracts/network-cloud.md. The factory gives an empty cloud for each rule. */
export function networkCloudSuite(name: string, factory: () => Promise<CloudUnderTest>, options: NetworkSuiteOptions): void {
  const rules: Rule[] = [...lifecycle(options.ranges), ...making, ...machines];
  const { ranges, unservable = [] } = options;
  describeRules(`${name} as a network cloud`, rules, (check) => withCloud(factory, options, (subject) => check({ ...subject, ranges, unservable })), options.skips);
}
