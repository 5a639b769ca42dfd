import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeOf } from './machine-size.js';
import { powerSecondsOf } from './read-favours.js';
import type { PowerOf } from './read-favours.js';
import { readUse } from './read-use.js';
import type { AccountedKind, Use } from './read-use.js';

/** What one user of one member had of one member. */
export interface AccountingLine {
  readonly kind: AccountedKind;
  readonly user: string;
  readonly requestingMember: MemberId;
  readonly providingMember: MemberId;
  /** During which they could be used: orders were `fulfilled`. Not rounded. */
  readonly seconds: number;
  /** 0 for volumes. */
  readonly vcpuSeconds: number;
  /** Power × seconds, by the plugin of `benchmarking`. 0 for volumes. */
  readonly powerSeconds: number;
  /** 0 for machines. */
  readonly gbSeconds: number;
}

export interface AccountingFilter {
  readonly kind?: AccountedKind;
  readonly requester?: MemberId;
  readonly provider?: MemberId;
}

export type ListAccounting = (only?: AccountingFilter) => Promise<readonly AccountingLine[]>;

export interface AccountingOptions {
  readonly database: Kysely<unknown>;
  readonly sizeOf: SizeOf;
  readonly powerOf: PowerOf;
}

/** Use case: who had how much of whom. Sizes are those of our table of flavors. */
export function createListAccounting({ database, sizeOf, powerOf }: AccountingOptions): ListAccounting {
  return async (only) => addUp(await readUse(database, only), sizeOf, powerOf);
}

function addUp(uses: readonly Use[], sizeOf: SizeOf, powerOf: PowerOf): AccountingLine[] {
  const lines = new Map<string, AccountingLine>();
  for (const use of uses) {
    const { kind, owner: user, requester: requestingMember, provider: providingMember, seconds, sizeGb } = use;
    const key = JSON.stringify([kind, user, requestingMember, providingMember]);
    const line = lines.get(key) ?? { kind, user, requestingMember, providingMember, seconds: 0, vcpuSeconds: 0, powerSeconds: 0, gbSeconds: 0 };
    const [vcpu, powerSeconds] = kind === 'compute' ? [sizeOf(use)?.vcpu ?? 0, powerSecondsOf(use, powerOf)] : [0, 0];
    lines.set(key, {
      ...line, seconds: line.seconds + seconds, vcpuSeconds: line.vcpuSeconds + seconds * vcpu, powerSeconds: line.powerSeconds + powerSeconds, gbSeconds: line.gbSeconds + seconds * sizeGb,
    });
  }
  return [...lines.values()];
}
