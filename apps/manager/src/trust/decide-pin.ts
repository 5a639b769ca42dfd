import type { MemberCertificate } from './member-certificate.js';
import type { PublicKey } from './signing-key.js';

export type PinDecision =
  /** Believed from now on: the first key ever seen, or one that the pinned key vouches for. */
  | { readonly pin: PublicKey; readonly why: 'first use' | 'rotated' }
  | { readonly keep: PublicKey }
  /** The pinned key stays; what was published is not believed. */
  | { readonly keep: PublicKey; readonly refused: PublicKey };

/** Pure: trust on first use. A key replaces a pinned one only when that one has signed it, so whoever runs the Rendezvous or a server between cannot. */
export function decidePin(pinned: PublicKey | undefined, published: MemberCertificate): PinDecision {
  if (!pinned) return { pin: published.key, why: 'first use' };
  if (pinned.x === published.key.x) return { keep: pinned };
  return published.isSignedBy(pinned) ? { pin: published.key, why: 'rotated' } : { keep: pinned, refused: published.key };
}
