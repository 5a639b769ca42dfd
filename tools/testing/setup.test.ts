import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

jest.setTimeout(60_000);

/** A clone whose npm notes when it begins and ends, and takes as long as another one needs to come in between. */
function makeClone(npm: string): string {
  const clone = mkdtempSync(join(tmpdir(), 'a clone '));
  for (const folder of ['tools', 'bin']) mkdirSync(join(clone, folder));
  copyFileSync(resolve(__dirname, '../setup.mjs'), join(clone, 'tools', 'setup.mjs'));
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  writeFileSync(join(clone, 'bin', 'npm'), `#!/bin/sh\necho begins >>"${clone}/log"\n${npm}\necho ends >>"${clone}/log"\n`);
  chmodSync(join(clone, 'bin', 'npm'), 0o755);
  return clone;
}

const setUp = (clone: string): Promise<{ status: number | null; said: string }> => new Promise((done) => {
  const { npm_execpath: _npm, ...env } = process.env;
  const child = spawn(process.execPath, [join(clone, 'tools', 'setup.mjs')], { env: { ...env, PATH: `${join(clone, 'bin')}:${String(env['PATH'])}` }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes) => { said += String(bytes); });
  child.once('close', (status) => done({ status, said }));
});
const log = (clone: string): string[] => readFileSync(join(clone, 'log'), 'utf8').split('\n').filter(Boolean);

let clone: string;
afterEach(() => rmSync(clone, { recursive: true }));

test('of commands that are given at once one installs, and all find it done', async () => {
  clone = makeClone('sleep 0.3; mkdir -p node_modules');
  const ends = await Promise.all([1, 2, 3].map(() => setUp(clone)));
  expect(ends.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(log(clone)).toEqual(['begins', 'ends']);
  expect(await setUp(clone)).toEqual({ status: 0, said: '' });
  expect(log(clone)).toHaveLength(2);
});

test('what npm could not do is said once, and done the next time', async () => {
  clone = makeClone('[ -e node_modules ] || { mkdir node_modules; exit 7; }');
  const { status, said } = await setUp(clone);
  expect([status, said.match(/npm ci ended with status 7/g)?.length]).toEqual([1, 1]);
  expect(existsSync(join(clone, 'node_modules', '.fogbow-setup'))).toBe(false);
  expect((await setUp(clone)).status).toBe(0);
});
