import type { MemberId } from '@fogbow/request-model';

/** Who may be a member. Asked at every announcement; must answer at once. */
export interface Admission {
  admits(id: MemberId): boolean;
}

export const admitAll: Admission = { admits: () => true };
