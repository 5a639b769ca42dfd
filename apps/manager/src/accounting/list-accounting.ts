import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { SizeOf } from './machine-size.js';
import type { PowerOf } from './read-favours.js';
import { readUse } from './read-use.js';
import type { Use } from './read-use.js';

/** What one user of one member had of one member. */
export interface AccountingLine {
  readonly user: string;
  readonly requestingMember: MemberId;
  readonly providingMember: MemberId;
  /** During which machines could be used: orders were `fulfilled`. Not rounded. */
  readonly seconds: number;
  readonly vcpuSeconds: number;
  /** Power × seconds, by the plugin of `benchmarking`. */
  readonly powerSeconds: number;
}

export type ListAccounting = (only?: { readonly requester: MemberId; readonly provider: MemberId }) => Promise<readonly AccountingLine[]>;

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
    const key = JSON.stringify([use.owner, use.requester, use.provider]);
    const line = lines.get(key) ?? { user: use.owner, requestingMember: use.requester, providingMember: use.provider, seconds: 0, vcpuSeconds: 0, powerSeconds: 0 };
    lines.set(key, {
      ...line, seconds: line.seconds + use.seconds, vcpuSeconds: line.vcpuSeconds + use.seconds * (sizeOf(use)?.vcpu ?? 0), powerSeconds: line.powerSeconds + use.seconds * powerOf(use),
    });
  }
  return [...lines.values()];
}
