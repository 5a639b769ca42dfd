import { engineFault, expecting } from './engine-faults.js';
import type { EngineAnswer, EngineWire } from './engine-wire.js';
import { ownFilter } from './labels.js';
import type { Labels, Ownership } from './labels.js';

/** The part of a container that we look at. */
export interface ContainerFacts {
  readonly id: string;
  readonly labels: Labels;
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly status: string;
  readonly createdAt: Date;
  /** On the network from which it dials out, while it runs. */
  readonly address?: string;
  /** What only a look at the one container tells. */
  readonly details?: ContainerDetails;
}

export interface ContainerDetails {
  readonly restartPolicy: string;
  readonly exitCode: number;
  readonly isOutOfMemory: boolean;
  /** Why its last start came to nothing. */
  readonly error: string;
  readonly restarts: number;
  /** Since it ended, by the engine's clock; undefined where it cannot be told. */
  readonly endedForMs?: number;
}

/** Containers of one owner. Ids are the engine's. */
export interface EngineContainers {
  list(signal: AbortSignal): Promise<ContainerFacts[]>;
  /** By id or by name. */
  inspect(name: string, signal: AbortSignal): Promise<ContainerFacts | undefined>;
  /** The id; undefined where the name is taken. */
  create(name: string, spec: object, signal: AbortSignal): Promise<string | undefined>;
  connect(id: string, networkId: string, address: string, signal: AbortSignal): Promise<void>;
  /** The engine's answer, whatever it is: 204 done, 304 it was so, 404, 409 and 500 with a reason. */
  tell(id: string, verb: ContainerVerb, signal: AbortSignal): Promise<EngineAnswer>;
  setRestartPolicy(id: string, policy: string, signal: AbortSignal): Promise<void>;
  /** Kills and removes it with its anonymous volumes; resolves when it is gone or going. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

export type ContainerVerb = 'start' | 'stop' | 'restart' | 'pause' | 'unpause';

/** A machine has so many seconds to end before it is killed. */
const GRACE = { t: '5' };

/** `network`: the one from which machines dial out. */
export function createEngineContainers(wire: EngineWire, own: Ownership, network: string): EngineContainers {
  const at = (id: string, rest = ''): string => `/containers/${encodeURIComponent(id)}${rest}`;
  return {
    async list(signal) {
      const answer = await wire({ method: 'GET', path: '/containers/json', query: { all: '1', ...ownFilter(own) }, signal });
      return (expecting(answer, [200], 'list containers').body as ListedContainer[]).map((one) => listed(one, network));
    },
    async inspect(name, signal) {
      const answer = await wire({ method: 'GET', path: at(name, '/json'), signal });
      return answer.status === 404 ? undefined : inspected(expecting(answer, [200], 'show a container').body as InspectedContainer, { network, at: answer.at });
    },
    async create(name, spec, signal) {
      const answer = await wire({ method: 'POST', path: '/containers/create', query: { name }, body: spec, signal });
      return answer.status === 409 ? undefined : (expecting(answer, [201], 'make a container').body as { Id: string }).Id;
    },
    async connect(id, networkId, address, signal) {
      const body = { Container: id, EndpointConfig: { IPAMConfig: { IPv4Address: address } } };
      const answer = await wire({ method: 'POST', path: `/networks/${encodeURIComponent(networkId)}/connect`, body, signal });
      // An earlier try may have done it.
      if (answer.status === 403 && /already exists in network/.test(JSON.stringify(answer.body))) return;
      expecting(answer, [200], 'connect a container to its network');
    },
    tell: (id, verb, signal) => wire({ method: 'POST', path: at(id, `/${verb}`), ...(verb === 'stop' || verb === 'restart' ? { query: GRACE } : {}), signal }),
    async setRestartPolicy(id, policy, signal) {
      expecting(await wire({ method: 'POST', path: at(id, '/update'), body: { RestartPolicy: { Name: policy } }, signal }), [200], 'note whether a machine shall run');
    },
    async remove(id, signal) {
      const answer = await wire({ method: 'DELETE', path: at(id), query: { force: '1', v: '1' }, signal });
      // 409: another removal of the same is on its way.
      if (![204, 404, 409].includes(answer.status)) throw engineFault(answer, 'remove a container');
    },
  };
}

interface Endpoints { readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string }>> }

interface ListedContainer {
  readonly Id: string;
  readonly Labels?: Labels;
  readonly State: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly NetworkSettings?: Endpoints;
}

interface InspectedContainer {
  readonly Id: string;
  readonly Created: string;
  readonly RestartCount: number;
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly OOMKilled: boolean; readonly Error: string; readonly FinishedAt?: string };
  readonly Config: { readonly Labels?: Labels };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
  readonly NetworkSettings?: Endpoints;
}

function addressOn(network: string, endpoints: Endpoints | undefined): Pick<ContainerFacts, 'address'> {
  const address = endpoints?.Networks?.[network]?.IPAddress;
  return address ? { address } : {};
}

function listed({ Id: id, Labels: labels, State: status, Created: created, NetworkSettings: endpoints }: ListedContainer, network: string): ContainerFacts {
  return { id, labels: labels ?? {}, status, createdAt: new Date(created * 1000), ...addressOn(network, endpoints) };
}

function inspected(seen: InspectedContainer, { network, at }: { readonly network: string; readonly at: Date | undefined }): ContainerFacts {
  const { Id: id, Created: created, RestartCount: restarts, State: state, Config: config, HostConfig: host, NetworkSettings: endpoints } = seen;
  const endedForMs = (at?.getTime() ?? NaN) - Date.parse(state.FinishedAt ?? '');
  return {
    id, labels: config.Labels ?? {}, status: state.Status, createdAt: new Date(created), ...addressOn(network, endpoints),
    details: {
      restartPolicy: host.RestartPolicy.Name, exitCode: state.ExitCode, isOutOfMemory: state.OOMKilled, error: state.Error, restarts,
      ...(Number.isNaN(endedForMs) ? {} : { endedForMs }),
    },
  };
}
