import type { FederationMessage } from '../federation-message.js';
import { childElement, childText, element } from '../xml/element.js';
import { decodeToken, encodeToken } from './forwarded-token.js';
import type { ForwardedToken } from './forwarded-token.js';

export interface RemoteQuotaQuery {
  /** Whose use is asked for. */
  readonly token: ForwardedToken;
}

/** Of one dimension. A limit is idle + in use; {@link NO_LIMIT} stands for none. */
export interface ResourceCount {
  readonly idle: number;
  readonly inUse: number;
  readonly inUseByUser: number;
}

export interface RemoteQuota {
  readonly member: string;
  readonly cpu: ResourceCount;
  readonly instances: ResourceCount;
  /** In MB. */
  readonly mem: ResourceCount;
}

/** The largest number of originals. */
export const NO_LIMIT = 2_147_483_647;

const namespace = 'http://fogbowcloud.org/manager/getremoteuserquota';
const DIMENSIONS = ['cpu', 'instances', 'mem'] as const;
const PARTS = [['Idle', 'idle'], ['InUse', 'inUse'], ['InUseByUser', 'inUseByUser']] as const;

/** Manager → Manager: what you have, and how much of it this user of mine uses (spec §3.1). Unknown → not-found. */
export const GETREMOTEUSERQUOTA: FederationMessage<RemoteQuotaQuery, RemoteQuota> = {
  name: 'getremoteuserquota',
  namespace,
  iqType: 'get',
  encodeRequest: ({ token }) => element('query', namespace, [encodeToken(token, namespace)]),
  decodeRequest: (query) => {
    const token = childElement(query, 'token');
    return { token: token ? decodeToken(token) : { accessId: '', userId: '', userName: '' } };
  },
  encodeReply: (quota) => element('query', namespace, [element('resourcesInfo', namespace, [
    element('id', namespace, [quota.member]),
    ...DIMENSIONS.flatMap((name) => PARTS.map(([suffix, part]) => element(name + suffix, namespace, [String(quota[name][part])]))),
  ])]),
  decodeReply: (query) => {
    const info = childElement(query, 'resourcesInfo');
    const countOf = (name: string): ResourceCount => ({ idle: 0, inUse: 0, inUseByUser: 0, ...Object.fromEntries(PARTS.map(([suffix, part]) => [part, numberOf(childText(info, name + suffix))])) });
    return { member: childText(info, 'id') ?? '', cpu: countOf('cpu'), instances: countOf('instances'), mem: countOf('mem') };
  },
};

/** Originals write numbers of Java, `20.0` among them; what is none is 0. */
function numberOf(text: string | undefined): number {
  const value = Number(text?.trim() || 0);
  return Number.isFinite(value) && value >= 0 ? value : 0;
}
