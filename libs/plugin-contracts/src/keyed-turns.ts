/**
 * Work with the same key happens one after the other, in this process; work with different keys at once. For plugins whose cloud would make two things
 * of two overlapping creates with one client token.
 */
export type KeyedTurns = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createKeyedTurns(): KeyedTurns {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    const leave = (): void => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  };
}
