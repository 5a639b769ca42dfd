import { FogbowError } from '@fogbow/plugin-contracts';
import type { Announcement, AnnouncementReply, MessageHandler } from '@fogbow/messaging';
import { isMemberId } from '@fogbow/request-model';
import type { Admission } from '../admission/admission.js';
import { MAX_CERTIFICATE } from '../members/certificate.js';
import type { MemberTable } from '../members/member-table.js';
import type { RendezvousWatch } from '../observe/rendezvous-watch.js';
import type { MemberNews } from './member-news.js';

export interface IamaliveOptions {
  readonly table: MemberTable;
  readonly admission: Admission;
  /** Milliseconds between announcements, told to every Manager; absent: not told. */
  readonly periodMs?: number;
  readonly news: MemberNews;
  readonly watch: RendezvousWatch;
}

/** Enters the sender under the address that the XMPP servers proved. Who is not admitted is not told so (spec §3.3). */
export function createIamaliveHandler({ table, admission, periodMs, news, watch }: IamaliveOptions): MessageHandler<Announcement, AnnouncementReply> {
  const enter = async (from: string, announcement: Announcement): Promise<void> => {
    check(from, announcement);
    if (!admission.admits(from)) {
      watch.announcement('ignored');
      return news.stranger(from);
    }
    const { isNew, certificateChanged } = await table.announce({ id: from, ...announcement });
    watch.announcement(isNew ? 'entered' : 'refreshed');
    if (certificateChanged) news.certificateChanged(from, announcement.certificate);
  };
  return async (from, announcement) => {
    await enter(from, announcement).catch((error: unknown) => {
      watch.refusal('announcement');
      throw error;
    });
    return periodMs === undefined ? {} : { periodMs };
  };
}

function check(from: string, { certificate = '' }: Announcement): void {
  if (!isMemberId(from)) throw new FogbowError('bad-syntax', 'This address cannot be a member.');
  if (certificate.length > MAX_CERTIFICATE) throw new FogbowError('bad-syntax', `A certificate may have ${MAX_CERTIFICATE} characters.`);
}
