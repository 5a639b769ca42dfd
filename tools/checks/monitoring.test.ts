import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '..', '..');
const folder = join(root, 'deploy', 'monitoring');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string; readonly labels: { readonly severity: string }; readonly annotations: { readonly summary: string; readonly do: string } }[] }[];
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
const rules = (parse(read('alerts.yml')) as Rules).groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('grafana-dashboard.json')) as Dashboard;

/** Names that the code gives to its metrics, by the prefixes that some files put before them. */
function metricsOfTheCode(): Set<string> {
  const files = ['apps', 'libs'].flatMap((name) => sourcesUnder(join(root, name)));
  const found = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (!text.includes('prom-client')) return [];
    const prefix = /name: `(fogbow_\w*)\$\{name\}`/.exec(text)?.[1];
    return [...[...text.matchAll(/name: '(fogbow_\w+)'/g)].map((match) => match[1] ?? ''), ...(prefix === undefined ? [] : [...text.matchAll(/gauge\('(\w+)'/g)].map((match) => `${prefix}${match[1]}`))];
  });
  return new Set(found);
}

function sourcesUnder(place: string): string[] {
  return readdirSync(place).map((name) => join(place, name)).flatMap((path) => (statSync(path).isDirectory() ? (path.endsWith('node_modules') ? [] : sourcesUnder(path)) : /(?<!\.test)\.ts$/.test(path) ? [path] : []));
}

const metrics = metricsOfTheCode();
const used = (expression: string): string[] => [...expression.matchAll(/\bfogbow_\w+/g)].map(([name]) => name.replace(/_(bucket|count|sum)$/, ''));

test('the code has metrics of its own', () => expect(metrics.size).toBeGreaterThan(10));

test.each(rules.map((rule) => [rule.alert, rule] as const))('the alert %s asks for what exists and says what to do', (_name, rule) => {
  expect(used(rule.expr).filter((name) => !metrics.has(name))).toEqual([]);
  expect(rule.labels.severity).toMatch(/^(page|ticket)$/);
  expect(rule.annotations.do.length).toBeGreaterThan(10);
});

test.each(panels.map((panel) => [panel.title, panel] as const))('the panel %s shows what exists', (_title, panel) => {
  for (const { expr } of panel.targets) expect(used(expr).filter((name) => !metrics.has(name))).toEqual([]);
});

test('every metric of the Manager is shown or watched', () => {
  const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => used(expr))));
  const alerted = new Set(rules.flatMap(({ expr }) => used(expr)));
  expect([...metrics].filter((name) => !shown.has(name) && !alerted.has(name) && !/^fogbow_(rendezvous|router|tunnel)_/.test(name))).toEqual([]);
});
