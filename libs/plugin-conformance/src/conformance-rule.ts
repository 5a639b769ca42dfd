/** One numbered rule of a contract and the check that holds a backend to it. */
export interface ConformanceRule<Id extends string, Subject> {
  readonly id: Id;
  readonly says: string;
  check(subject: Subject): Promise<void>;
}

/** Rules that a backend cannot keep, each with the reason; the report shows it. */
export type Skips<Id extends string> = Readonly<Partial<Record<Id, string>>>;

/** One test a rule, each with a fresh subject. */
export function describeRules<Id extends string, Subject>(
  name: string, rules: readonly ConformanceRule<Id, Subject>[], run: (check: (subject: Subject) => Promise<void>) => Promise<void>, skips?: Skips<Id>,
): void {
  describe(name, () => {
    for (const rule of rules) {
      const reason = skips?.[rule.id];
      if (reason === undefined) it(`${rule.id}: ${rule.says}`, () => run((subject) => rule.check(subject)));
      else it.skip(`${rule.id}: ${rule.says} (skipped: ${reason})`, () => undefined);
    }
  });
}

/** The catalogue code that the promise rejects with; fails when it resolves. Any other error is shown as it is. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(() => new Error('It was accepted.'), (thrown: unknown) => thrown);
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
