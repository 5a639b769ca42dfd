import type { Outcome, RuleResult } from './rule-result.js';

const HOLDS = 'yes';
const BROKEN = '**NO**';
const NOT_TRIED = '';
const HEAD = `# Who holds which rule

Made by \`npm run e2e -- conformance\`, which runs the suites of \`libs/plugin-conformance\` over every plugin and writes this page; \`tools/checks/docs.test.ts\` holds it to the rules of
[contracts/](contracts/) and to the plugins that there are. A letter says why a rule is not tried; an empty field, that the plugin does not have the ability, which is its right.
`;

/** The page as data: results in the order of the page. */
export function readPage(page: string): RuleResult[] {
  return page.split(/^## /m).slice(1).flatMap((section) => {
    const lines = section.split('\n');
    const reasons = new Map(lines.flatMap((line) => { const match = /^- ([a-z]+): (.*)$/.exec(line); return match ? [[match[1] ?? '', match[2] ?? ''] as const] : []; }));
    const [subjects = [], , ...rows] = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
    const contract = decapitalized(lines[0] ?? '');
    return rows.flatMap(([rule = '', says = '', ...cells]) => cells.flatMap((cell, index): RuleResult[] => {
      const outcome = outcomeOf(cell, reasons);
      return outcome ? [{ subject: subjects[index + 2] ?? '', contract, rule, says, outcome }] : [];
    }));
  });
}

function outcomeOf(cell: string, reasons: ReadonlyMap<string, string>): Outcome | undefined {
  if (cell === NOT_TRIED) return undefined;
  if (cell === HOLDS) return { kind: 'holds' };
  return cell === BROKEN ? { kind: 'broken' } : { kind: 'skipped', because: reasons.get(cell) ?? '' };
}

/** What a run has not tried stays as it was. */
export function mergeResults(before: readonly RuleResult[], run: readonly RuleResult[]): RuleResult[] {
  const key = ({ subject, contract }: RuleResult): string => `${subject} as ${contract}`;
  const tried = new Set(run.map(key));
  return [...before.filter((one) => !tried.has(key(one))), ...run];
}

/** A table for each contract: rules by plugins. */
export function writePage(results: readonly RuleResult[]): string {
  const contracts = [...new Set(results.map(({ contract }) => contract))].sort();
  return `${[HEAD, ...contracts.map((contract) => section(contract, results.filter((one) => one.contract === contract)))].join('\n')}`;
}

function section(contract: string, results: readonly RuleResult[]): string {
  const subjects = [...new Set(results.map(({ subject }) => subject))].sort();
  const rules = new Map(results.map(({ rule, says }) => [rule, says]));
  const reasons = [...new Set(results.flatMap(({ outcome }) => (outcome.kind === 'skipped' ? [outcome.because] : [])))].sort();
  const cell = (rule: string, subject: string): string => {
    const outcome = results.find((one) => one.rule === rule && one.subject === subject)?.outcome;
    if (!outcome) return NOT_TRIED;
    return outcome.kind === 'skipped' ? letter(reasons.indexOf(outcome.because)) : outcome.kind === 'holds' ? HOLDS : BROKEN;
  };
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `## ${contract.charAt(0).toUpperCase()}${contract.slice(1)}`, '',
    row(['rule', 'says', ...subjects]), `|${'---|'.repeat(subjects.length + 2)}`,
    ...[...rules].sort(byRule).map(([rule, says]) => row([rule, says, ...subjects.map((subject) => cell(rule, subject))])), '',
    ...reasons.map((because, index) => `- ${letter(index)}: ${because}`), ...(reasons.length > 0 ? [''] : []),
  ].join('\n');
}

const byRule = ([left]: readonly [string, string], [right]: readonly [string, string]): number => left.localeCompare(right, 'en', { numeric: true });
const decapitalized = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
/** a, b, …, z, aa, ab, … */
const letter = (index: number): string => (index < 26 ? String.fromCharCode(97 + index) : letter(Math.floor(index / 26) - 1) + letter(index % 26));
