import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { FederationMessage } from '../federation-message.js';
import type { XmlElement } from '../xml/element.js';
import { childElement, childElements, element } from '../xml/element.js';
import { decodeStatus, encodeStatus } from './member-status.js';
import type { MemberStatus } from './member-status.js';
import { optionalText, requiredText } from './read-payload.js';
import { decodePagePlace, decodePageQuery, encodePagePlace, encodePageQuery } from './result-set.js';
import type { PagePlace, PageQuery } from './result-set.js';

/** What one Rendezvous knows of a member. Times are durations, so that the clocks of the two never matter. */
export interface HeardMember {
  readonly id: MemberId;
  /** Milliseconds since somebody heard the member itself. */
  readonly quietForMs: number;
  /** After so many milliseconds of silence the telling side drops it; the hearing side has its own. */
  readonly timeoutMs?: number;
  readonly certificate?: string;
  readonly status?: MemberStatus;
}

export interface HeardPage extends PagePlace {
  readonly members: readonly HeardMember[];
}

const namespace = 'http://fogbowcloud.org/rendezvous/synch/whoisalive';

/** Rendezvous → neighbouring Rendezvous: one page of whom you know (spec §3.1, §3.3). Lists of neighbours, which early originals added, are skipped. */
export const SYNCH_WHOISALIVE: FederationMessage<PageQuery, HeardPage> = {
  name: 'synch-whoisalive',
  namespace,
  iqType: 'get',
  encodeRequest: (query) => element('query', namespace, [element('managers', namespace, [encodePageQuery(query, namespace)])]),
  decodeRequest: (query) => decodePageQuery(childElement(query, 'managers')),
  encodeReply: ({ members, ...place }) => element('query', namespace, [
    element('managers', namespace, [...members.map(encodeMember), encodePagePlace(members.map(({ id }) => id), place)]),
  ]),
  decodeReply: (query) => {
    const managers = childElement(query, 'managers');
    const members = childElements(managers, 'manager').map(decodeMember);
    return { members, ...decodePagePlace(managers, members.length) };
  },
};

function encodeMember({ id, quietForMs, timeoutMs, certificate, status }: HeardMember): XmlElement {
  return element('manager', namespace, [
    certificate === undefined ? undefined : element('cert', namespace, [certificate]),
    element('status', namespace, [
      ...encodeStatus(status ?? {}, namespace),
      timeoutMs === undefined ? undefined : element('timeout', namespace, [String(timeoutMs)]),
      element('quiet-for', namespace, [String(quietForMs)]),
    ]),
  ], { id });
}

function decodeMember(manager: XmlElement): HeardMember {
  const id = manager.attributes['id'];
  if (!id) throw new FogbowError('bad-syntax', 'A member of the neighbour has no id.');
  const told = childElement(manager, 'status');
  const timeoutMs = duration(optionalText(told, 'timeout'));
  const certificate = optionalText(manager, 'cert');
  const status = decodeStatus(told);
  return {
    id, quietForMs: duration(requiredText(told, 'quiet-for')),
    ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(certificate ? { certificate } : {}), ...(status ? { status } : {}),
  };
}

/** Originals whose clock was set back tell a silence below nothing: it has only just been heard. */
function duration(text: string): number;
function duration(text: string | undefined): number | undefined;
function duration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) throw new FogbowError('bad-syntax', 'A duration must be a whole number of milliseconds.');
  return Math.max(0, Number(text));
}
