/** What one run of a suite of libs/plugin-conformance says about one rule. */
export interface RuleResult {
  /** The plugin, and over what it was tried where there are several ways. */
  readonly subject: string;
  /** As the suite calls it: `compute cloud`, `member picker`. */
  readonly contract: string;
  readonly rule: string;
  readonly says: string;
  readonly outcome: Outcome;
}

export type Outcome = { readonly kind: 'holds' } | { readonly kind: 'broken' } | { readonly kind: 'skipped'; readonly because: string };

/** An entry of jest's `--json`. */
export interface JestAssertion {
  readonly fullName: string;
  readonly status: string;
}

const TITLE = /^(.+?) as an? (.+?) ([A-Z]\d+[a-z-]*): (.*?)(?: \(skipped: (.*)\))?$/;

/** Tests that are no rule of a contract are left out, and so are those that the run was told to leave out. */
export function readRuleResults(assertions: readonly JestAssertion[]): RuleResult[] {
  return assertions.flatMap(({ fullName, status }) => {
    const [, subject = '', contract = '', rule = '', says = '', because] = TITLE.exec(fullName) ?? [];
    if (rule === '' || (status === 'pending' && because === undefined)) return [];
    const outcome: Outcome = because !== undefined ? { kind: 'skipped', because } : { kind: status === 'passed' ? 'holds' : 'broken' };
    return [{ subject, contract, rule, says, outcome }];
  });
}
