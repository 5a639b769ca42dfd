/** Of `ask`, the answer under each key; keys without an answer are absent. */
export type AskAll<Answer> = (keys: readonly string[]) => Promise<ReadonlyMap<string, Answer>>;

interface Waiting<Answer> {
  readonly key: string;
  readonly ask: AskAll<Answer>;
  resolve(answer: Answer | undefined): void;
  reject(error: unknown): void;
}

export type JoinedQuestion<Answer> = (group: string, key: string, ask: AskAll<Answer>) => Promise<Answer | undefined>;

/**
 * Questions of one group that come while `lanes` are under way wait for the end of one and are asked together, as many as `most` keys in one. So a lonely
 * question goes out at once, a crowd becomes a few, no answer is older than its question, and one that hangs does not hold up the rest. Asked with the words of the first that waits; where that fails, its
 * companions ask for themselves, since it may be no more than the first one's time that was over.
 */
export function createJoinedQuestion<Answer>({ lanes, most }: { readonly lanes: number; readonly most: number }): JoinedQuestion<Answer> {
  const groups = new Map<string, { readonly waiting: Waiting<Answer>[]; underWay: number }>();

  async function askFor(together: readonly Waiting<Answer>[]): Promise<void> {
    const [first] = together;
    if (!first) return;
    try {
      const answers = await first.ask([...new Set(together.map(({ key }) => key))]);
      for (const { key, resolve } of together) resolve(answers.get(key));
    } catch (error) {
      first.reject(error);
      await Promise.all(together.slice(1).map((one) => askFor([one])));
    }
  }

  return (name, key, ask) => new Promise((resolve, reject) => {
    const group = groups.get(name) ?? { waiting: [], underWay: 0 };
    groups.set(name, group);
    group.waiting.push({ key, ask, resolve, reject });
    const serve = async (): Promise<void> => {
      group.underWay += 1;
      while (group.waiting.length > 0) await askFor(group.waiting.splice(0, most));
      group.underWay -= 1;
      if (group.underWay === 0) groups.delete(name);
    };
    if (group.underWay < lanes) void serve();
  });
}
