import type { FederationMessage } from '../federation-message.js';
import { childText, element } from '../xml/element.js';
import { wholeNumber } from './read-payload.js';

export interface Announcement {
  readonly certificate?: string;
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
  encodeRequest: ({ certificate }) => element('query', namespace, [certificate === undefined ? undefined : element('cert', namespace, [certificate])]),
  decodeRequest: (query) => {
    const certificate = childText(query, 'cert');
    return certificate ? { certificate } : {};
  },
  encodeReply: ({ periodMs }) =>
    (periodMs === undefined ? undefined : element('query', namespace, [element('iamalive-period', namespace, [String(periodMs)])])),
  decodeReply: (query) => {
    const period = wholeNumber(childText(query, 'iamalive-period'), 'iamalive-period');
    return period === undefined ? {} : { periodMs: period };
  },
};
