import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { FederationMessage } from '../federation-message.js';
import type { XmlElement } from '../xml/element.js';
import { childElement, childElements, element } from '../xml/element.js';
import { decodeStatus, encodeStatus } from './member-status.js';
import type { MemberStatus } from './member-status.js';
import { optionalText } from './read-payload.js';
import { decodePagePlace, decodePageQuery, encodePagePlace, encodePageQuery } from './result-set.js';
import type { PagePlace, PageQuery } from './result-set.js';

/** Members are in order of their ids. */
export type MembersQuery = PageQuery;

export interface AliveMember {
  readonly id: MemberId;
  readonly certificate?: string;
  /** What the member told of its cloud; see MemberStatus. */
  readonly status?: MemberStatus;
  /** When the member was last heard of, ISO 8601; stands in the status. */
  readonly updated?: string;
}

export interface MembersPage extends PagePlace {
  readonly members: readonly AliveMember[];
}

const namespace = 'http://fogbowcloud.org/rendezvous/whoisalive';

/** Manager → Rendezvous: who is alive, in pages (spec §3.1, §3.3; XEP-0059). An unknown `after` or `before` → not-found. */
export const WHOISALIVE: FederationMessage<MembersQuery, MembersPage> = {
  name: 'whoisalive',
  namespace,
  iqType: 'get',
  encodeRequest: (query) => element('query', namespace, [encodePageQuery(query, namespace)]),
  decodeRequest: decodePageQuery,
  encodeReply: ({ members, ...place }) => element('query', namespace, [...members.map(encodeMember), encodePagePlace(members.map(({ id }) => id), place)]),
  decodeReply: (query) => {
    const members = childElements(query, 'item').map(decodeMember);
    return { members, ...decodePagePlace(query, members.length) };
  },
};

function encodeMember({ id, certificate, status, updated }: AliveMember): XmlElement {
  const told = [...encodeStatus(status ?? {}, namespace), updated === undefined ? undefined : element('updated', namespace, [updated])];
  return element('item', namespace, [
    certificate === undefined ? undefined : element('cert', namespace, [certificate]),
    told.some(Boolean) ? element('status', namespace, told) : undefined,
  ], { id });
}

function decodeMember(item: XmlElement): AliveMember {
  const id = item.attributes['id'];
  if (!id) throw new FogbowError('bad-syntax', 'A listed member has no id.');
  const certificate = optionalText(item, 'cert');
  const status = decodeStatus(childElement(item, 'status'));
  const updated = optionalText(childElement(item, 'status'), 'updated');
  return { id, ...(certificate ? { certificate } : {}), ...(status ? { status } : {}), ...(updated ? { updated } : {}) };
}
