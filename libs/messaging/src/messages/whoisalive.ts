import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { FederationMessage } from '../federation-message.js';
import { childElement, childElements, element } from '../xml/element.js';
import { optionalText, wholeNumber } from './read-payload.js';

/** Which part of the list (XEP-0059). Both absent: the first page in the size that the Rendezvous prefers. */
export interface MembersQuery {
  readonly max?: number;
  /** Only members strictly after this one, in order of id. */
  readonly after?: MemberId;
}

export interface AliveMember {
  readonly id: MemberId;
  readonly certificate?: string;
}

export interface MembersPage {
  readonly members: readonly AliveMember[];
  /** How many there are on all pages; the original sends the size of the page instead. */
  readonly total: number;
}

const namespace = 'http://fogbowcloud.org/rendezvous/whoisalive';
const RSM = 'http://jabber.org/protocol/rsm';

/** Manager → Rendezvous: who is alive, in pages (spec §3.1, §3.3). An unknown `after` → not-found. */
export const WHOISALIVE: FederationMessage<MembersQuery, MembersPage> = {
  name: 'whoisalive',
  namespace,
  iqType: 'get',
  encodeRequest: ({ max, after }) => {
    const parts = [
      max === undefined ? undefined : element('max', namespace, [String(max)]),
      after === undefined ? undefined : element('after', namespace, [after]),
    ];
    return element('query', namespace, parts.some(Boolean) ? [element('set', namespace, parts)] : []);
  },
  decodeRequest: (query) => {
    const set = childElement(query, 'set');
    const max = wholeNumber(optionalText(set, 'max'), 'max');
    const after = optionalText(set, 'after');
    return { ...(max === undefined ? {} : { max }), ...(after === undefined ? {} : { after }) };
  },
  encodeReply: ({ members, total }) => {
    const edge = (name: string, member: AliveMember | undefined) => member && element(name, RSM, [member.id]);
    return element('query', namespace, [
      ...members.map(({ id, certificate }) => element('item', namespace, [certificate === undefined ? undefined : element('cert', namespace, [certificate])], { id })),
      element('set', RSM, [edge('first', members[0]), edge('last', members.at(-1)), element('count', RSM, [String(total)])]),
    ]);
  },
  decodeReply: (query) => {
    const members = childElements(query, 'item').map((item) => {
      const id = item.attributes['id'];
      if (!id) throw new FogbowError('bad-syntax', 'A listed member has no id.');
      const certificate = optionalText(item, 'cert');
      return certificate ? { id, certificate } : { id };
    });
    return { members, total: wholeNumber(optionalText(childElement(query, 'set'), 'count'), 'count') ?? members.length };
  },
};
