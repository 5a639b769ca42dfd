import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';

export interface AdmissionList {
  readonly members: ReadonlySet<MemberId>;
  /** Whole sentences; a list with faults is not used. */
  readonly faults: readonly string[];
}

const MAX_CHARACTERS = 1024 * 1024;

/** One address a line, trimmed; `#` begins a comment; empty lines say nothing (spec §3.3). */
export function parseAdmissionList(text: string): AdmissionList {
  if (text.length > MAX_CHARACTERS) return { members: new Set(), faults: [`The list of admitted members is longer than ${MAX_CHARACTERS} characters.`] };
  const lines = text.split('\n').map((line, index) => ({ number: index + 1, address: (line.split('#')[0] ?? '').trim().toLowerCase() })).filter(({ address }) => address !== '');
  return {
    members: new Set(lines.map(({ address }) => address)),
    faults: lines.filter(({ address }) => !isMemberId(address)).map(({ number, address }) => `Line ${number} of the list of admitted members, ${JSON.stringify(address.slice(0, 100))}, is not an address such as manager.internal.example.`),
  };
}
