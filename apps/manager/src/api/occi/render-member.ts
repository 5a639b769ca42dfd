import type { Amount, MemberId, Quota } from '@fogbow/request-model';
import type { AccountingLine } from '../../accounting/list-accounting.js';
import type { AccountedKind } from '../../accounting/read-use.js';

const line = (name: string, value: string): string => `X-OCCI-Attribute: ${name}=${value}`;

/** The largest number of old clients stands for "no limit". */
const NO_LIMIT = 2_147_483_647;
const integer = (value: number): string => String(Math.min(Math.round(value), NO_LIMIT));

/** Spec §1.11: nine lines in this order; memory in MB. */
export function renderQuota({ limit, used, usedByCaller }: Quota & { readonly usedByCaller: Amount }): string {
  const three = (name: string, of: (amount: Amount) => number): string[] =>
    [line(`${name}Quota`, integer(of(limit))), line(`${name}InUse`, integer(of(used))), line(`${name}InUseByUser`, integer(of(usedByCaller)))];
  return [...three('cpu', ({ vcpu }) => vcpu), ...three('mem', ({ ramMb }) => ramMb), ...three('instances', ({ instances }) => instances)].join('\n');
}

/** Power × minutes of machines, GB × minutes of volumes, as the original counts them (spec §2.5). */
const minutesOf = ({ kind, powerSeconds, gbSeconds }: AccountingLine): number => (kind === 'compute' ? powerSeconds : gbSeconds) / 60;
export const usageOf = (lines: readonly AccountingLine[], kind: AccountedKind): number => lines.filter((one) => one.kind === kind).reduce((sum, one) => sum + minutesOf(one), 0);

export const renderUsage = (member: MemberId, compute: number, storage: number): string =>
  [line('memberId', member), line('compute usage', javaDouble(compute)), line('storage usage', javaDouble(storage))].join('\n');

export interface AccountingEntry {
  readonly user: string;
  readonly requestingMember: MemberId;
  readonly providingMember: MemberId;
  readonly usage: number;
}

export const accountingEntries = (lines: readonly AccountingLine[]): AccountingEntry[] =>
  lines.map((one) => ({ user: one.user, requestingMember: one.requestingMember, providingMember: one.providingMember, usage: rounded(minutesOf(one)) }));

export function renderAccounting(entries: readonly AccountingEntry[]): string {
  if (entries.length === 0) return 'There is not accounting information.';
  return ['<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>', ...entries.map(({ user, requestingMember, providingMember, usage }) =>
    `${user.replace(/[\p{Cc};]/gu, ' ')}; ${requestingMember}; ${providingMember}; ${javaDouble(usage)}`)].join('\n');
}

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** Old clients compare with `20.0`. */
function javaDouble(value: number): string {
  const text = String(rounded(value));
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
