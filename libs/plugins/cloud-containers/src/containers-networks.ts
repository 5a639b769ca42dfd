import { FogbowError } from '@fogbow/plugin-contracts';
import type { Network, NetworkCloud, NetworkRequest } from '@fogbow/plugin-contracts';
import { ipv4Text, networkFault, ONE_NETWORK, parseIpv4Range, rangeHolds } from '@fogbow/request-model';
import { requireClientToken } from './client-token.js';
import type { ContainersOptions } from './containers-options.js';
import { requireRoom, usedOf } from './containers-quota.js';
import type { EngineContainers } from './engine-containers.js';
import { engineFault, expecting, wordsOf } from './engine-faults.js';
import { addressesIn, clientTokenIn, FIELD, isOurs, nameFor, ownFilter, ownLabels } from './labels.js';
import type { Labels } from './labels.js';

interface EngineNetwork { readonly Id: string; readonly Created: string; readonly Labels?: Labels }

/** Networks as bridges of the engine, out of which nothing leads. The engine has an address of each itself, which is shown as the gateway. */
export function createContainersNetworks({ own, wire, turns, limit, networkRanges }: Pick<ContainersOptions, 'own' | 'wire' | 'turns' | 'limit' | 'networkRanges'>, containers: EngineContainers): NetworkCloud {
  const list = async (signal: AbortSignal, clientToken?: string): Promise<Network[]> => {
    const answer = await wire({ method: 'GET', path: '/networks', query: ownFilter(own, clientToken), signal });
    return (expecting(answer, [200], 'list networks').body as EngineNetwork[]).map(asNetwork);
  };
  const describe = async (id: string, signal: AbortSignal): Promise<Network | undefined> => {
    const answer = await wire({ method: 'GET', path: `/networks/${encodeURIComponent(id)}`, signal });
    if (answer.status === 404) return undefined;
    const found = expecting(answer, [200], 'show a network').body as EngineNetwork;
    return found.Id === id && isOurs(own, found.Labels ?? {}) ? asNetwork(found) : undefined;
  };
  const find = async (clientToken: string, signal: AbortSignal): Promise<Network | undefined> => (await list(signal, clientToken))[0];

  const make = async (request: NetworkRequest, signal: AbortSignal): Promise<Network> => {
    const before = await find(request.clientToken, signal);
    if (before) return before;
    requireServable(request, networkRanges);
    requireRoom(limit, usedOf({ machines: [], volumes: [], networks: await list(signal) }), ONE_NETWORK);
    const gateway = request.gateway ?? lastAddressOf(request.cidr);
    const body = {
      Name: nameFor(own, request.clientToken), CheckDuplicate: true, Driver: 'bridge', Internal: true, Attachable: false,
      IPAM: { Driver: 'default', Config: [{ Subnet: request.cidr, Gateway: gateway }] }, Labels: { ...ownLabels(own, request.clientToken), ...labelsOf(request, gateway) },
    };
    const answer = await wire({ method: 'POST', path: '/networks/create', body, signal });
    if (answer.status === 201) return await describe((answer.body as { Id: string }).Id, signal) ?? lost(request);
    // Another process may have been first, by the name or by the range.
    const first = await find(request.clientToken, signal);
    if (first) return first;
    if (/overlap|conflicts with network/i.test(wordsOf(answer))) throw new FogbowError('conflict', `${request.cidr} overlaps a network that the engine has: ${wordsOf(answer)}`);
    throw engineFault(answer.status === 403 ? { ...answer, status: 400 } : answer, 'make a network');
  };

  return {
    create(request, { signal }) {
      return turns.take(signal, () => {
        requireClientToken(request.clientToken);
        return make(request, signal);
      });
    },
    find: (clientToken, { signal }) => find(clientToken, signal),
    describe: (id, { signal }) => describe(id, signal),
    list: ({ signal }) => list(signal),
    async remove(id, { signal }) {
      if (!await describe(id, signal)) return;
      // The engine itself would let it go while its machines stand still.
      const user = (await containers.list(signal)).find(({ labels, status }) => status !== 'removing' && addressesIn(labels).some(({ networkId }) => networkId === id));
      if (user) throw new FogbowError('conflict', `The machine ${user.id} is on the network.`);
      const answer = await wire({ method: 'DELETE', path: `/networks/${encodeURIComponent(id)}`, signal });
      if (answer.status === 403) throw new FogbowError('conflict', `The network is in use: ${wordsOf(answer)}`);
      if (answer.status !== 204 && answer.status !== 404) throw engineFault(answer, 'remove a network');
    },
  };
}

function lost({ clientToken }: NetworkRequest): never {
  throw new FogbowError('cloud-unavailable', `The network of ${clientToken} was removed while it was made.`);
}

/** Why the range cannot be served is said in words for the user. */
function requireServable({ cidr, gateway }: NetworkRequest, ranges: readonly string[]): void {
  const fault = networkFault({ cidr, gateway });
  const range = parseIpv4Range(cidr);
  if (fault !== undefined || !range) throw new FogbowError('cloud-rejected', fault ?? `${cidr} is no range.`);
  const isWithin = ranges.some((one) => {
    const outer = parseIpv4Range(one);
    return outer && rangeHolds(outer, range.first) && rangeHolds(outer, range.last);
  });
  if (!isWithin) throw new FogbowError('cloud-rejected', `This cloud serves networks within ${ranges.join(', ')}; ${cidr} is none.`);
}

function lastAddressOf(cidr: string): string {
  return ipv4Text((parseIpv4Range(cidr)?.last ?? 1) - 1);
}

function labelsOf({ cidr, allocation, name }: NetworkRequest, gateway: string): Labels {
  return { [FIELD.cidr]: cidr, [FIELD.gateway]: gateway, [FIELD.allocation]: allocation, ...(name === undefined ? {} : { [FIELD.title]: name }) };
}

function asNetwork({ Id: id, Created: created, Labels: labels }: EngineNetwork): Network {
  const { [FIELD.cidr]: cidr = '', [FIELD.gateway]: gateway, [FIELD.allocation]: allocation, [FIELD.title]: name } = labels ?? {};
  return {
    id, clientToken: clientTokenIn(labels ?? {}), cidr, allocation: allocation === 'static' ? 'static' : 'dynamic', state: 'active', createdAt: new Date(created),
    ...(gateway === undefined ? {} : { gateway }), ...(name === undefined ? {} : { name }),
  };
}
