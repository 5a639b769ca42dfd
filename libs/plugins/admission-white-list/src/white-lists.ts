import { FogbowError } from '@fogbow/plugin-contracts';
import type { PolicyDecision } from '@fogbow/plugin-contracts';
import { isMemberId } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { parse } from 'yaml';

/** Whom we serve and whom we ask; whoever stands in no list is neither served nor asked. */
export interface WhiteLists {
  readonly serve: ReadonlySet<MemberId>;
  readonly ask: ReadonlySet<MemberId>;
}

/** Entries that are no ids of members, each a whole sentence: a name with a slip in it would lock its member out without a word. */
export function listFaults(name: string, entries: readonly unknown[]): string[] {
  return entries.filter((entry) => typeof entry !== 'string' || !isMemberId(entry)).map((entry) => `${name}: ${JSON.stringify(entry)} is not the id of a member.`);
}

export function listsOf(serve: readonly unknown[], ask: readonly unknown[]): WhiteLists {
  return { serve: new Set(serve.map(String)), ask: new Set(ask.map(String)) };
}

/** Reads `serve: [ids]` and `ask: [ids]`; both must be there. Throws bad-syntax. */
export function parseWhiteLists(text: string): WhiteLists {
  let root: unknown;
  try {
    root = parse(text);
  } catch (error) {
    throw new FogbowError('bad-syntax', 'The file of the white lists is not YAML.', { cause: error });
  }
  const { serve, ask } = (typeof root === 'object' && root !== null ? root : {}) as Record<string, unknown>;
  if (!Array.isArray(serve) || !Array.isArray(ask)) throw new FogbowError('bad-syntax', 'The file of the white lists needs two lists, "serve" and "ask".');
  const faults = [...listFaults('serve', serve), ...listFaults('ask', ask)];
  if (faults.length > 0) throw new FogbowError('bad-syntax', faults.join(' '));
  return listsOf(serve, ask);
}

export function mayBeServed({ serve }: WhiteLists, member: MemberId): PolicyDecision {
  return serve.has(member) ? { allowed: true } : { allowed: false, reason: 'This member serves members of its white list only.' };
}

export function mayBeAsked({ ask }: WhiteLists, member: MemberId): PolicyDecision {
  return ask.has(member) ? { allowed: true } : { allowed: false, reason: 'Our white list does not name it among those whom we ask.' };
}
