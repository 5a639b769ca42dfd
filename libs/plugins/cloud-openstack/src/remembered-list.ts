/** A list of the cloud that seldom changes: read once, and again when what is looked for is not in it or it is old. */
export interface RememberedList<Item> {
  /** What `choose` finds in the list as it was, or in a new one. */
  look<Found>(read: () => Promise<readonly Item[]>, choose: (items: readonly Item[]) => Found | undefined): Promise<Found | undefined>;
  forget(): void;
}

/** One list for all accounts is right where all see the same; keep one for each otherwise. */
export function createRememberedList<Item>({ keptForMs, now }: { readonly keptForMs: number; now(): Date }): RememberedList<Item> {
  let kept: { readonly items: readonly Item[]; readonly readAt: number } | undefined;
  return {
    async look(read, choose) {
      const isFresh = kept !== undefined && now().getTime() - kept.readAt < keptForMs;
      const found = isFresh && kept ? choose(kept.items) : undefined;
      if (found !== undefined) return found;
      const items = await read();
      kept = { items, readAt: now().getTime() };
      return choose(items);
    },
    forget() {
      kept = undefined;
    },
  };
}
