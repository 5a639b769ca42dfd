import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In a process of its own: what goes wrong here ends it by a signal. */
const run = (script: string): { status: number | null; signal: string | null } =>
  spawnSync(process.execPath, ['--input-type=module', '-e', `import { put } from ${JSON.stringify(join(root, 'tools', 'build.mjs'))};\n${script}`], { cwd: folder, stdio: 'ignore' });

test('what is the same stays as it is, what is new takes its place at once, and no draft is left', () => {
  const file = join(folder, 'deep', 'main.js');
  expect(run("put('deep/main.js', Buffer.from('one'))").status).toBe(0);
  const before = statSync(file);
  run("put('deep/main.js', Buffer.from('one'))");
  expect(statSync(file)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  run("put('deep/main.js', Buffer.from('two'))");
  expect([readFileSync(file, 'utf8'), statSync(file).ino === before.ino, readdirSync(join(folder, 'deep'))]).toEqual(['two', false, ['main.js']]);
});

const addon = join(root, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto', 'build', 'Release', 'sshcrypto.node');

(existsSync(addon) ? test : test.skip)('a process lives on whose addon is built anew; it would not if the file were written over', () => {
  const live = (replace: string): number | null => {
    copyFileSync(addon, join(folder, 'addon.node'));
    return run(`
      import { createRequire } from 'node:module';
      import { readFileSync, writeFileSync } from 'node:fs';
      const { GenericCipher } = createRequire(import.meta.url)(${JSON.stringify(join(folder, 'addon.node'))});
      const use = () => new GenericCipher('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16), 'sha256', Buffer.alloc(32), true).encrypt(Buffer.alloc(100), 1);
      use();
      const anew = Buffer.concat([readFileSync('addon.node'), Buffer.from([0])]);
      ${replace}
      use();`).status;
  };
  expect([live("put('addon.node', anew)"), live("writeFileSync('addon.node', anew)")]).toEqual([0, null]);
});

test('a stack names the lines of our sources, and the map knows of no package', () => {
  mkdirSync(join(folder, 'node_modules', 'parcel'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'parcel', 'index.js'), 'exports.open = (then) => {\n  return then();\n};\n');
  writeFileSync(join(folder, 'first.ts'), "import { open } from 'parcel';\n\nexport const first = (): number =>\n  open(() => {\n    throw new Error('here');\n  });\n");
  writeFileSync(join(folder, 'main.ts'), "import { first } from './first';\n\n\nconst all = [1].map(() => first());\nexport { all };\n");
  const script = `
    import { createRequire } from 'node:module';
    import { slimSourceMap } from ${JSON.stringify(join(root, 'tools', 'slim-source-map.mjs'))};
    const { buildSync } = createRequire(${JSON.stringify(join(root, 'package.json'))})('esbuild');
    const { outputFiles } = buildSync({ entryPoints: ['main.ts'], outfile: 'out/main.js', bundle: true, platform: 'node', sourcemap: 'linked', write: false });
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync('out');
    for (const { path, text } of outputFiles) writeFileSync(path, path.endsWith('.map') ? slimSourceMap(text) : text);`;
  const made = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' });
  expect([made.status, made.stderr]).toEqual([0, '']);
  expect((JSON.parse(readFileSync(join(folder, 'out', 'main.js.map'), 'utf8')) as { sources: string[] }).sources.sort()).toEqual(['../first.ts', '../main.ts']);
  const places = [...spawnSync(process.execPath, ['--enable-source-maps', 'out/main.js'], { cwd: folder, encoding: 'utf8' }).stderr.matchAll(/(\w+\.[jt]s):(\d+):\d+\)?$/gm)].map(([, file, line]) => `${file}:${line}`);
  expect(places).toEqual(expect.arrayContaining(['first.ts:5', 'first.ts:4', 'main.ts:4']));
  // The frame of the package is where it is in the bundle.
  expect(places.filter((place) => place.startsWith('main.js:'))).toHaveLength(1);
});
