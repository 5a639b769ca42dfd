import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
// eslint-disable-next-line @typescript-eslint/no-require-imports -- nx wants its generators in CommonJS
const { default: generate } = require('./generator.cjs') as { default(tree: Tree, options: { name: string }): Promise<() => void> };

interface Tree {
  read(path: string): string;
  write(path: string, text: string): void;
  exists(path: string): boolean;
}

const ROOT = join(__dirname, '..', '..', '..');

/** The clone, with what was written laid over it. */
function openTree() {
  const written = new Map<string, string>();
  const tree: Tree = {
    read: (path) => written.get(path) ?? readFileSync(join(ROOT, path), 'utf8'),
    write: (path, text) => void written.set(path, text),
    exists: (path) => written.has(path) || existsSync(join(ROOT, path)),
  };
  return { written, tree };
}

test('a plugin is written, and named where plugins are named', async () => {
  const { written, tree } = openTree();
  await generate(tree, { name: 'cloud-two-words' });
  expect([...written.keys()].sort()).toEqual([
    'apps/manager/src/plugins.ts', 'libs/plugins/cloud-two-words/project.json', 'libs/plugins/cloud-two-words/src/cloud-two-words.test.ts',
    'libs/plugins/cloud-two-words/src/cloud-two-words.ts', 'libs/plugins/cloud-two-words/src/index.ts', 'tsconfig.base.json',
  ]);
  expect(written.get('apps/manager/src/plugins.ts')).toMatch(/^import \{ twoWordsCloud \} from '@fogbow\/cloud-two-words';$/m);
  expect(written.get('apps/manager/src/plugins.ts')).toMatch(/^ {2}cloud: \[.*, twoWordsCloud\],$/m);
  expect((JSON.parse(String(written.get('tsconfig.base.json'))) as { compilerOptions: { paths: Record<string, string[]> } }).compilerOptions.paths['@fogbow/cloud-two-words']).toEqual(['./libs/plugins/cloud-two-words/src/index.ts']);
});

test.each([['example', 'is no name for a cloud plugin'], ['cloud-Example', 'is no name for a cloud plugin'], ['cloud-fake', 'is there already']])('%s is refused', async (name, why) => {
  const { written, tree } = openTree();
  await expect(generate(tree, { name })).rejects.toThrow(why);
  expect(written.size).toBe(0);
});
