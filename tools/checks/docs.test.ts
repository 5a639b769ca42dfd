import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ERROR_CATALOGUE } from '@fogbow/plugin-contracts';
import type { Setting, SettingsTable } from '@fogbow/plugin-contracts';
import { everybodyAdmission } from '@fogbow/admission-everybody';
import { whiteListAdmission } from '@fogbow/admission-white-list';
import { allowAllPolicy } from '@fogbow/authorization-allow-all';
import { domainListPolicy } from '@fogbow/authorization-domain-list';
import { userListPolicy } from '@fogbow/authorization-user-list';
import { sshBenchmark } from '@fogbow/benchmarking-ssh';
import { vanillaBenchmark } from '@fogbow/benchmarking-vanilla';
import { globalFairness, pairwiseFairness, twoFoldFairness } from '@fogbow/capacity-fairness';
import { satisfactionController } from '@fogbow/capacity-satisfaction';
import { containersCloud } from '@fogbow/cloud-containers';
import { fakeCloud } from '@fogbow/cloud-fake';
import { hostsCloud } from '@fogbow/cloud-hosts';
import { localCloud } from '@fogbow/cloud-local';
import { occiCloud } from '@fogbow/cloud-occi';
import { openstackCloud } from '@fogbow/cloud-openstack';
import { staticIdentity } from '@fogbow/identity-static';
import * as messaging from '@fogbow/messaging';
import { noCloud } from '@fogbow/no-cloud';
import { networkOfFavoursPicker } from '@fogbow/picker-network-of-favours';
import { roundRobinPicker } from '@fogbow/picker-round-robin';
import { firstComePrioritization } from '@fogbow/prioritization-first-come';
import { networkOfFavoursPrioritization } from '@fogbow/prioritization-network-of-favours';
import { remoteFirstOutPrioritization } from '@fogbow/prioritization-remote-first-out';
import { JOBS, QUEUES } from '@fogbow/queues';
import { ORDER_EVENTS, ORDER_STATES, ORDER_TRANSITIONS } from '@fogbow/request-model';
import { COMMON_SETTINGS } from '@fogbow/service-runtime';
import { CRASH_STEPS } from '../../apps/manager/src/crash-steps.js';
import { SETTINGS as MANAGER } from '../../apps/manager/src/settings.js';
import { SETTINGS as RENDEZVOUS } from '../../apps/rendezvous/src/config.js';
import { TUNNEL_SETTINGS } from '../../apps/reverse-tunnel/src/settings.js';
import { SETTINGS as ROUTER } from '../../apps/xmpp-router/src/config.js';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The rows of the first table of a text that has exactly these headings; the code marks around a whole cell are dropped. */
function tableOf(text: string, headings: readonly string[]): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => sameRow(cellsOf(line), headings));
  if (start < 0) throw new Error(`There is no table ${headings.join(' | ')}.`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end < 0 ? undefined : end).map(cellsOf);
}

const cellsOf = (line: string): string[] => (line.startsWith('|') ? line.split('|').slice(1, -1).map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')) : []);
const sameRow = (left: readonly string[], right: readonly string[]): boolean => left.join('|') === right.join('|');

/** The text under one heading of the second level. */
function sectionOf(text: string, heading: string): string {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`There is no section ${heading}.`);
  return section;
}

const sorted = (rows: readonly (readonly string[])[]): string[] => rows.map((row) => row.join(' | ')).sort();

test('docs/errors.md is the catalogue of errors', () => {
  const code = Object.entries(ERROR_CATALOGUE).map(([name, { httpStatus, xmppCondition, retry, meaning }]) => [name, String(httpStatus), xmppCondition, retry, meaning]);
  expect(sorted(tableOf(read('docs/errors.md'), ['code', 'HTTP', 'XMPP condition', 'retry', 'meaning']))).toEqual(sorted(code));
});

describe('docs/settings.md', () => {
  const tables: Record<string, SettingsTable> = {
    'every process': COMMON_SETTINGS, manager: MANAGER, rendezvous: RENDEZVOUS, 'reverse-tunnel': TUNNEL_SETTINGS, 'xmpp-router': ROUTER,
    'cloud-local': localCloud.settings, 'cloud-fake': fakeCloud.settings, 'cloud-occi': occiCloud.settings, 'cloud-openstack': openstackCloud.settings, 'cloud-containers': containersCloud.settings, 'cloud-hosts': hostsCloud.settings, 'identity-static': staticIdentity.settings,
    'authorization-user-list': userListPolicy.settings, 'authorization-domain-list': domainListPolicy.settings, 'admission-white-list': whiteListAdmission.settings,
    'picker-network-of-favours': networkOfFavoursPicker.settings, 'prioritization-network-of-favours': networkOfFavoursPrioritization.settings,
    'benchmarking-ssh': sshBenchmark.settings, 'capacity with fairness': globalFairness.settings,
  };
  const typeOf = ({ type, min, secret, oneOf }: Setting): string => [
    `${type}${min === undefined ? '' : ` ≥ ${min}${type === 'duration' ? ' ms' : ''}`}`, ...(secret ? ['secret'] : []), ...(oneOf ? [`one of ${oneOf.join(' ')}`] : []),
  ].join(', ');
  const defaultOf = ({ default: value, optional }: Setting): string => {
    if (value === undefined) return optional ? '–' : 'required';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };

  test.each(Object.entries(tables))('has every setting of %s', (name, table) => {
    const code = Object.entries(table).map(([setting, row]) => [setting, typeOf(row), defaultOf(row), row.meaning]);
    expect(sorted(tableOf(sectionOf(read('docs/settings.md'), name), ['setting', 'type', 'default', 'meaning']))).toEqual(sorted(code));
  });
  test('has no other section', () => {
    expect([...read('docs/settings.md').matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(Object.keys(tables));
  });
  test('says truly which plugins have no settings', () => {
    const plain = [noCloud, allowAllPolicy, everybodyAdmission, roundRobinPicker, firstComePrioritization, remoteFirstOutPrioritization, satisfactionController, vanillaBenchmark];
    const named = /The plugins ([^;]+) have no settings;/.exec(read('docs/settings.md').replaceAll('\n', ' '))?.[1];
    expect(named?.split(/, | and /).sort()).toEqual(plain.map(({ name }) => name).sort());
    for (const { settings } of plain) expect(settings).toEqual({});
    for (const { settings } of [pairwiseFairness, twoFoldFairness]) expect(settings).toBe(globalFairness.settings);
  });
});

describe('docs/states.md', () => {
  const text = read('docs/states.md');
  const moves = Object.entries(ORDER_TRANSITIONS).flatMap(([from, events]) => Object.entries(events).map(([event, to]) => [from, event, to]));
  test('names every move in its table', () => {
    expect(sorted(tableOf(text, ['from', 'event', 'to', 'when']).map((row) => row.slice(0, 3)))).toEqual(sorted(moves));
  });
  test('draws every move, the beginning and the end', () => {
    const drawn = [...text.matchAll(/^ {4}(\S+) --> (\S+): (\S+)$/gm)].map(([, from = '', to = '', event = '']) => [from, event, to]);
    expect(sorted(drawn)).toEqual(sorted([...moves, ['[*]', 'submitted', 'open'], ['deleted', 'purged', '[*]']]));
  });
  test('explains every state', () => {
    expect(tableOf(text, ['state', 'means', 'a machine']).map(([state]) => state).sort()).toEqual([...ORDER_STATES].sort());
  });
  test('leaves no event of the model unused', () => {
    expect([...new Set(moves.map(([, event]) => event))].sort()).toEqual([...ORDER_EVENTS].sort());
  });
});

describe('docs/jobs.md', () => {
  const text = read('docs/jobs.md');
  test('is the catalogue of jobs', () => {
    const code = Object.entries(JOBS).map(([name, { queue, meaning }]) => [name, queue, meaning]);
    expect(sorted(tableOf(text, ['job', 'queue', 'meaning']))).toEqual(sorted(code));
  });
  test('names a period of the Manager for every duty, and a payload for every other job', () => {
    const duties = tableOf(text, ['duty', 'woken by', 'period (setting)', 'worker']);
    const isCall = (name: string): boolean => /^tunnel-|^federation$/.test(JOBS[name as keyof typeof JOBS].queue);
    expect(duties.map(([duty]) => duty).sort()).toEqual(Object.keys(JOBS).filter((name) => !isCall(name)).sort());
    expect(duties.map((row) => row[2]).sort()).toEqual(Object.keys(MANAGER).filter((name) => name.startsWith('periods.')).sort());
    expect(tableOf(text, ['job', 'payload', 'answer']).map(([job]) => job).sort()).toEqual(Object.keys(JOBS).filter(isCall).sort());
  });
  test('the queues of the code are those of its jobs', () => {
    expect([...new Set(Object.values(JOBS).map(({ queue }) => queue))].sort()).toEqual([...QUEUES].sort());
  });
});

test('docs/messages.md is the catalogue of messages', () => {
  const isMessage = (value: unknown): value is messaging.FederationMessage<unknown, unknown> => typeof value === 'object' && value !== null && 'iqType' in value && 'namespace' in value;
  const code = Object.values(messaging).flatMap((value: unknown) => (isMessage(value) ? [[value.name, value.iqType, value.namespace]] : []));
  expect(sorted(tableOf(read('docs/messages.md'), ['message', 'IQ type', 'namespace', 'from → to', 'meaning']).map((row) => row.slice(0, 3)))).toEqual(sorted(code));
});

test('docs/flow.md names every crash step, in the order of the code', () => {
  expect(tableOf(read('docs/flow.md'), ['step', 'what is known where', 'what heals it']).map(([step]) => step)).toEqual([...CRASH_STEPS]);
});

test('docs/contracts name every rule of the conformance suites', () => {
  const policies = ['authorization-policy', 'member-admission', 'member-picker', 'prioritization-policy', 'capacity-controller', 'benchmark'];
  const suites = ['compute-cloud', 'identity-provider', ...policies].map((name) => read(`libs/plugin-conformance/src/${name}-suite.ts`)).join('\n');
  const pages = ['compute-cloud', 'cloud-identity', 'identity-provider', ...policies].map((name) => read(`docs/contracts/${name}.md`)).join('\n');
  const checked = [...suites.matchAll(/^\s*id: '([A-Z]\d[a-z-]*)', says:/gm)].map((match) => match[1]);
  // What a policy says when it cannot tell depends on what it asks: each tests that itself.
  const unchecked = ['A3', 'D2'];
  expect([...pages.matchAll(/^\| ([A-Z]\d[a-z-]*) \|/gm)].map((match) => match[1] ?? '').filter((rule) => !unchecked.includes(rule)).sort()).toEqual(checked.sort());
});

describe('docs/conformance.md', () => {
  const page = read('docs/conformance.md');
  const rows = [...page.matchAll(/^\| (?:rule|[A-Z]\d\S*) \|.*$/gm)].map(([row]) => row.split('|').slice(1, -1).map((cell) => cell.trim()));
  test('has every rule of every suite', () => {
    const suites = readdirSync(join(root, 'libs/plugin-conformance/src')).filter((name) => name.endsWith('.ts')).map((name) => read(`libs/plugin-conformance/src/${name}`)).join('\n');
    const ids = new Set([...suites.matchAll(/^\s*id: '([A-Z]\d[a-z-]*)', says:/gm)].map((match) => match[1]));
    expect([...ids].filter((id) => !rows.some(([rule]) => rule === id))).toEqual([]);
  });
  test('has every plugin of a cloud, and no rule that is broken', () => {
    const subjects = rows.filter(([rule]) => rule === 'rule').flatMap(([, , ...names]) => names);
    const clouds = readdirSync(join(root, 'libs/plugins')).filter((name) => name.startsWith('cloud-'));
    expect(clouds.filter((name) => !subjects.some((subject) => subject.startsWith(name)))).toEqual([]);
    expect(rows.flat().filter((cell) => cell.includes('NO'))).toEqual([]);
  });
});

test('docs/adr/0007 gives the reason of every dependency', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const page = read('docs/adr/0007-dependencies.md');
  const named = (heading: string): string[] => tableOf(sectionOf(page, heading), ['package', 'why it is here']).map(([name = '']) => name).sort();
  expect(named('At run time')).toEqual(Object.keys(dependencies).sort());
  expect(named('For development')).toEqual(Object.keys(devDependencies).sort());
});

describe('every page', () => {
  const pagesUnder = (folder: string): string[] => readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? pagesUnder(join(folder, entry.name)) : entry.name.endsWith('.md') ? [join(folder, entry.name)] : []));
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pagesUnder('docs')];

  test.each(pages)('%s links to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string).filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
  test.each(pages)('%s names files that exist', (page) => {
    const paths = [...read(page).matchAll(/`((?:apps|libs|tools|docs|deploy)\/[\w./-]*)`/g)].map((match) => match[1] as string);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
  test('the README names every project', () => {
    const projects = ['apps', 'libs', 'libs/plugins', 'tools'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
      .filter((path) => existsSync(join(root, path, 'project.json')));
    expect(projects.filter((path) => !read('README.md').includes(`\`${path}\``))).toEqual([]);
  });
  test('the ADRs are numbered without gaps', () => {
    const numbers = pagesUnder('docs/adr').map((path) => Number(relative('docs/adr', path).slice(0, 4))).sort((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});
