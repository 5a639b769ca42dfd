import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const stories = readdirSync(join(root, 'apps/e2e/src')).filter((name) => name.endsWith('.e2e.ts')).map((name) => name.replace('.e2e.ts', '')).sort();
const script = read('.ci/run');

test('README says of every story whether CI tells it always, when asked, or never', () => {
  const row = read('README.md').split('\n').find((line) => line.startsWith('| `.ci/run` |')) ?? '';
  const [always = '', asked = '', never = ''] = [...(row.split('|')[2] ?? '').split(/; each of|All others/)];
  const names = (text: string): string[] => [...text.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name).sort();
  const loop = /^for name in ([^;]*); do$/m.exec(script)?.[1]?.split(' ') ?? [];
  const variables = [...script.matchAll(/^\[ -z "\$\{(CI_\w+):-\}" \] \|\| step 'e2e ([a-z-]+)' /gm)];
  expect(names(always).filter((name) => stories.includes(name))).toEqual([...loop].sort());
  expect([...asked.matchAll(/`(CI_\w+)=1`/g)].map(([, name]) => name).sort()).toEqual(variables.map(([, name]) => name).sort());
  expect([...loop, ...variables.map(([, , name = '']) => name), ...names(never)].sort()).toEqual(stories);
});
