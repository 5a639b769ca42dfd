import type { MemberId, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ForwardedToken } from '@fogbow/messaging';
import { readCompact, signCompact } from './jws.js';
import type { PublicKey, SigningKey } from './signing-key.js';

/** What a token is for: it is of no use for anything else. */
export type Purpose = `order ${string}` | `link ${string}` | 'quota';

export interface IdentityOptions {
  readonly self: MemberId;
  readonly key: SigningKey;
  /** The key that a member is known by; undefined for one that has never published any. */
  keyOf(member: MemberId): Promise<PublicKey | undefined>;
  /** May members without a key name their users without proof, as originals do? */
  readonly acceptUnsigned: boolean;
  now(): Date;
}

/** Who a wish comes from, across members: our word for our users, and theirs for theirs. A user's own credentials never leave home. */
export interface ForwardedIdentity {
  /** A token for one member and one purpose, good for minutes. */
  vouchFor(user: UserRef, to: MemberId, purpose: Purpose): ForwardedToken;
  /** The user of a token. Throws forbidden for a token that proves nothing, unavailable while the member's key is not known yet. */
  prove(from: MemberId, token: ForwardedToken | undefined, purpose: Purpose): Promise<UserRef>;
}

const LIFE_S = 300;
/** Clocks of members may differ by so much. */
const SKEW_S = 120;

export function createForwardedIdentity(options: IdentityOptions): ForwardedIdentity {
  const nowInS = (): number => Math.floor(options.now().getTime() / 1000);
  return {
    vouchFor({ id, name }, to, purpose) {
      const iat = nowInS();
      return { accessId: signCompact({ iss: options.self, aud: to, sub: id, name, for: purpose, iat, exp: iat + LIFE_S }, options.key), userId: id, userName: name };
    },
    async prove(from, token, purpose) {
      const key = await options.keyOf(from);
      if (key) return proved(token?.accessId ?? '', key, { iss: from, aud: options.self, for: purpose }, nowInS());
      if (!options.acceptUnsigned) throw new FogbowError('unavailable', `The key of ${from} is not known here yet.`);
      return storable({ id: token?.userId ?? '', name: token?.userName ?? '' });
    },
  };
}

function proved(token: string, key: PublicKey, wanted: Readonly<Record<string, string>>, now: number): UserRef {
  const claims = readCompact(token, key);
  const refuse = (why: string): never => { throw new FogbowError('forbidden', `The token of the user is not good: ${why}.`); };
  if (!claims) return refuse('it is not signed with the key that this member is known by');
  for (const [name, value] of Object.entries(wanted)) if (claims[name] !== value) refuse(`it was made for another ${MEANING[name] ?? name}`);
  const { sub, name, iat, exp } = claims;
  if (typeof iat !== 'number' || typeof exp !== 'number' || iat > now + SKEW_S || exp < now - SKEW_S || exp - iat > LIFE_S) return refuse('it has expired, or a clock is wrong');
  if (typeof sub !== 'string' || typeof name !== 'string') return refuse('it names no user');
  return storable({ id: sub, name });
}

const LONGEST = 1000;

/** Members may say anything of their users, but not what no database takes. */
function storable(user: UserRef): UserRef {
  if ([user.id, user.name].some((text) => text.length > LONGEST || /[\0\p{Cs}]/u.test(text))) throw new FogbowError('forbidden', 'The token of the user is not good: its names cannot be stored.');
  return user;
}

const MEANING: Readonly<Record<string, string>> = { iss: 'sender', aud: 'member', for: 'purpose' };
