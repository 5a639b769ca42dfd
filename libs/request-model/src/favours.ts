import type { MemberId } from './member.js';

/**
 * What we and one other member did for each other (spec §2.5, network of favours), in power × minutes, not rounded: `consumed` by our users from it,
 * `donated` by us to its users.
 */
export interface Favours {
  readonly consumed: number;
  readonly donated: number;
}

export const NO_FAVOURS: Favours = { consumed: 0, donated: 0 };

export type FavoursOf = (member: MemberId) => Favours;

/** What we owe the member; below zero it owes us. */
export function debtTo({ consumed, donated }: Favours): number {
  return consumed - donated;
}

/**
 * What the member has earned with us. Where members may come back under a new name (`trustworthy` false), owing us counts as little as never having
 * been here, or whoever owes us most would gain by a new name; the root of what we gave keeps a partner of long standing above a stranger.
 */
export function creditOf(favours: Favours, trustworthy: boolean): number {
  return trustworthy ? debtTo(favours) : Math.max(0, debtTo(favours) + Math.sqrt(favours.donated));
}
