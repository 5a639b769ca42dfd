import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { PORTS } from '../../apps/setup/src/answers/answers.js';

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
    return [...[...text.matchAll(/name: '(fogbow_\w+)'/g)].map((match) => match[1] ?? ''), ...(prefix === undefined ? [] : [...text.matchAll(/\b(?:gauge|oneNumber)\('(\w+)'/g)].map((match) => `${prefix}${match[1]}`))];
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

interface Scrapes {
  readonly scrape_configs: readonly { readonly job_name: string; readonly dns_sd_configs?: readonly { readonly names: readonly string[]; readonly port: number }[]; readonly static_configs?: readonly { readonly targets: readonly string[] }[] }[];
}
const scraped = (name: string) => (parse(read(name)) as Scrapes).scrape_configs.map(({ job_name: job, dns_sd_configs: names = [], static_configs: fixed = [] }) =>
  [job, ...names.flatMap((one) => one.names.map((service) => `${service}:${one.port}`)), ...fixed.flatMap(({ targets }) => targets)]);

test('what is to be scraped is there: services of the compose files, at the ports that fogbow-setup gives them', () => {
  expect(scraped('prometheus.yml')).toEqual([
    ['fogbow-api', `front:${PORTS.api}`], ['fogbow-worker', `manager-worker:${PORTS.health}`], ['fogbow-federation', `manager-federation:${PORTS.health}`], ['fogbow-rendezvous', `rendezvous:${PORTS.rendezvousHttp}`],
  ]);
  expect(scraped('prometheus-external.yml')).toEqual([['fogbow-tunnel', `127.0.0.1:${PORTS.tunnelHttp}`]]);
  const { services } = parse(readFileSync(join(root, 'deploy/internal/compose.yml'), 'utf8')) as { services: object };
  for (const [, at = ''] of scraped('prometheus.yml')) expect(services).toHaveProperty(at.split(':')[0] ?? '');
});

describe('Prometheus itself', () => {
  const UP = { api: 'up{job="fogbow-api"}', worker: 'up{job="fogbow-worker"}', federation: 'up{job="fogbow-federation"}', tunnel: 'up{job="fogbow-tunnel"}' };
  const WELL = { [UP.api]: '1x30', [UP.worker]: '1x30', [UP.federation]: '1x30', 'fogbow_federation_speaker{job="fogbow-federation"}': '1x30', 'fogbow_federation_connected{job="fogbow-federation"}': '1x30', fogbow_workers_alive: '1x30' };
  const CASES: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ['all is well', WELL, []],
    ['nobody speaks', { ...WELL, 'fogbow_federation_speaker{job="fogbow-federation"}': '0x30' }, ['FogbowNoFederation', 'FogbowNobodySpeaks']],
    ['who speaks is gone, and its numbers with it', { [UP.api]: '1x30', [UP.worker]: '1x30', fogbow_workers_alive: '1x30' }, ['FogbowNobodySpeaks', 'FogbowUnseen']],
    ['no process of the Manager answers', { [UP.api]: '0x30', [UP.worker]: '0x30', [UP.federation]: '0x30' }, ['FogbowDown', 'FogbowDown', 'FogbowDown', 'FogbowNoWorker', 'FogbowNobodySpeaks']],
    ['the tunnel is looked at from its own host', { [UP.tunnel]: '1x30' }, []],
    ['the tunnel does not answer', { [UP.tunnel]: '0x30' }, ['FogbowDown']],
  ];
  const promtool = (...words: string[]) => spawnSync('promtool', words, { encoding: 'utf8', timeout: 20_000 });
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-monitoring-'));
  beforeAll(() => { for (const name of readdirSync(join(root, 'deploy/monitoring'))) copyFileSync(join(root, 'deploy/monitoring', name), join(folder, name)); });
  afterAll(() => rmSync(folder, { recursive: true }));
  // Of the Debian package prometheus.
  const it = promtool('--version').status === 0 ? test : test.skip;

  it('takes the rules and what is to be scraped', () => {
    for (const words of [['rules', 'alerts.yml'], ['config', '--syntax-only', 'prometheus.yml'], ['config', '--syntax-only', 'prometheus-external.yml']]) {
      const { status, stderr } = promtool('check', ...words.slice(0, -1), join(folder, words.at(-1) ?? ''));
      expect([status, stderr]).toEqual([0, '']);
    }
  });

  it.each(CASES)('raises what it should when %s', (_what, series, expected) => {
    const file = join(folder, 'case.yml');
    const exp_samples = [...new Set(expected)].map((name) => ({ labels: `{alertname="${name}"}`, value: expected.filter((one) => one === name).length }));
    const test = {
      interval: '1m', input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      promql_expr_test: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', eval_time: '20m', exp_samples }],
    };
    writeFileSync(file, stringify({ rule_files: ['alerts.yml'], evaluation_interval: '1m', tests: [test] }));
    const { status, stdout, stderr } = promtool('test', 'rules', file);
    expect([status, status === 0 ? '' : stdout + stderr]).toEqual([0, '']);
  });
});
