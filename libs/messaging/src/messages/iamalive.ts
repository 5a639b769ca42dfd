import type { FederationMessage } from '../federation-message.js';
import { childElement, childText, element } from '../xml/element.js';
import { decodeStatus, encodeStatus } from './member-status.js';
import type { MemberStatus } from './member-status.js';
import { optionalText, wholeNumber } from './read-payload.js';

export interface Announcement {
  /** The member's public key or certificate, for others to pin. */
  readonly certificate?: string;
  /** Of Managers until 2015-12, and of ours where that is configured. */
  readonly status?: MemberStatus;
}

export interface AnnouncementReply {
  /** How often to announce, in ms; absent: as the Manager likes. */
  readonly periodMs?: number;
}

const namespace = 'http://fogbowcloud.org/rendezvous/iamalive';

/** Manager → Rendezvous: a heartbeat (spec §3.1). */
export const IAMALIVE: FederationMessage<Announcement, AnnouncementReply> = {
  name: 'iamalive',
  namespace,
  iqType: 'get',
  encodeRequest: ({ certificate, status }) => element('query', namespace, [
    certificate === undefined ? undefined : element('cert', namespace, [certificate]),
    status && element('status', namespace, encodeStatus(status, namespace)),
  ]),
  decodeRequest: (query) => {
    const certificate = optionalText(query, 'cert');
    const status = decodeStatus(childElement(query, 'status'));
    return { ...(certificate ? { certificate } : {}), ...(status ? { status } : {}) };
  },
  encodeReply: ({ periodMs }) =>
    (periodMs === undefined ? undefined : element('query', namespace, [element('iamalive-period', namespace, [String(periodMs)])])),
  decodeReply: (query) => {
    const period = wholeNumber(childText(query, 'iamalive-period'), 'iamalive-period');
    return period === undefined ? {} : { periodMs: period };
  },
};
