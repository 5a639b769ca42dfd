import type { MemberId } from '@fogbow/request-model';

/** Places for work that is under way with other members. */
export interface Shares {
  /** Takes a place and answers what gives it back; undefined when there is none for that member. */
  take(member: MemberId): (() => void) | undefined;
}

/** One member gets at most three quarters of the places, so that one that is stuck, or floods us, leaves room for the others. */
export function createShares(max: number): Shares {
  const most = Math.ceil(max * 3 / 4);
  const taken = new Map<MemberId, number>();
  let all = 0;
  return {
    take(member) {
      const own = taken.get(member) ?? 0;
      if (all >= max || own >= most) return undefined;
      all += 1;
      taken.set(member, own + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        all -= 1;
        const left = (taken.get(member) ?? 1) - 1;
        if (left === 0) taken.delete(member);
        else taken.set(member, left);
      };
    },
  };
}
