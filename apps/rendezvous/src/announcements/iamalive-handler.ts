import { FogbowError } from '@fogbow/plugin-contracts';
import type { Announcement, AnnouncementReply, MessageHandler } from '@fogbow/messaging';
import { isMemberId } from '@fogbow/request-model';
import type { Clock } from '@fogbow/service-runtime';
import type { MemberRegistry } from '../members/member-registry.js';

export interface IamaliveOptions {
  readonly registry: MemberRegistry;
  readonly clock: Clock;
  /** Milliseconds between announcements, told to every Manager. */
  readonly periodMs: number;
  /** How many announcements may be lost in a row. */
  readonly lostAnnouncements: number;
  /** Absent: everybody is admitted. */
  readonly admitted?: readonly string[];
}

/** A page of a hundred certificates must fit into one stanza. */
const MAX_CERTIFICATE = 4096;

/** Enters the sender under the address that the XMPP servers proved. Who is not admitted is not told so (spec §3.3). */
export function createIamaliveHandler({ registry, clock, periodMs, lostAnnouncements, admitted }: IamaliveOptions): MessageHandler<Announcement, AnnouncementReply> {
  const isAdmitted = (id: string): boolean => admitted === undefined || admitted.includes(id);
  return async (from, { certificate }) => {
    if (!isMemberId(from)) throw new FogbowError('bad-syntax', 'This address cannot be a member.');
    if (certificate && certificate.length > MAX_CERTIFICATE) throw new FogbowError('bad-syntax', `A certificate may have ${MAX_CERTIFICATE} characters.`);
    if (isAdmitted(from)) {
      registry.announce({ id: from, lastSeen: clock.now(), timeoutMs: periodMs * lostAnnouncements, ...(certificate ? { certificate } : {}) });
    }
    return { periodMs };
  };
}
