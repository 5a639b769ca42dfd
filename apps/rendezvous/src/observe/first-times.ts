/** Whether this is the first time of a key. Remembers the latest `most` keys; one that comes again after it was forgotten is new. */
export function createFirstTimes(most = 1000): (key: string) => boolean {
  const known = new Set<string>();
  return (key) => {
    if (known.has(key)) return false;
    known.add(key);
    if (known.size > most) known.delete(known.values().next().value as string);
    return true;
  };
}
