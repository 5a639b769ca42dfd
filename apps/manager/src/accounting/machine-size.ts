import { chooseFlavor, parseRequirements } from '@fogbow/request-model';
import type { Flavor, MemberId } from '@fogbow/request-model';

/** What an order said about its size, and who serves it. */
export interface SizeWish {
  readonly provider: MemberId;
  readonly flavor: string | null;
  readonly requirements: string | null;
}

/** The flavor of a machine by this member's table of flavors; undefined when only the provider knows. */
export type SizeOf = (wish: SizeWish) => Flavor | undefined;

export function createSizeOf(flavors: readonly Flavor[]): SizeOf {
  return ({ provider, flavor, requirements }) => {
    const parsed = parseRequirements(requirements ?? '');
    return chooseFlavor(flavors, provider, 'expression' in parsed ? parsed.expression : undefined, flavor ?? undefined);
  };
}
