interface Holding {
  readonly id: string;
  readonly since: Date;
}

/** Sorts what has been there shortest to the front; what came at once, by id. */
export function newestFirst(one: Holding, other: Holding): number {
  return other.since.getTime() - one.since.getTime() || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}
