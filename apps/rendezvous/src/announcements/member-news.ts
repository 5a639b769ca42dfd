import type { MemberId } from '@fogbow/request-model';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { fingerprint } from '../members/certificate.js';
import { createFirstTimes } from '../observe/first-times.js';
import { createLineBudget } from '../observe/line-budget.js';

/** What of the members deserves a line in the log. Everything here is caused by others, so the number of lines is bounded. */
export interface MemberNews {
  /** Somebody who is not admitted announced itself; told once. */
  stranger(id: MemberId): void;
  /** A live member has another certificate: a renewal, or somebody in its place. Managers decide (they pin); here it is only told. */
  certificateChanged(id: MemberId, certificate: string | undefined): void;
}

export function createMemberNews(log: Logger, clock: Pick<Clock, 'uptime'>): MemberNews {
  const isFirst = createFirstTimes();
  const mayTellStranger = createLineBudget(clock);
  const mayTellCertificate = createLineBudget(clock);
  return {
    stranger(member) {
      if (isFirst(member) && mayTellStranger()) log.warn('a member that is not admitted announces itself', { member });
    },
    certificateChanged(member, certificate) {
      if (mayTellCertificate()) log.warn('a live member has another certificate', { member, sha256: fingerprint(certificate) ?? 'none' });
    },
  };
}
