import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, ftruncateSync, linkSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { createImageFiles } from './image-files.js';
import type { ImageFiles, ImageFilesOptions } from './image-files.js';
import { readImageSources } from './image-source.js';
import { stageImageServer } from './staged-image-server.js';
import type { StagedImageServer } from './staged-image-server.js';

jest.setTimeout(60_000);

// Every image is looked at with qemu-img (Debian: qemu-utils).
const hasQemuImg = spawnSync('qemu-img', ['--version']).status === 0;
const [describeImages, testImages] = hasQemuImg ? [describe, test] : [describe.skip, test.skip];

const MB = 1 << 20;
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const { signal } = new AbortController();
const raw = { format: 'raw', signal } as const;

let folder: string;
let server: StagedImageServer;
let opened: ImageFiles[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'images-'));
  server = await stageImageServer();
  opened = [];
});
afterEach(async () => {
  for (const files of opened) await files.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(images: Record<string, unknown>, more: Partial<ImageFilesOptions> = {}): ImageFiles & { readonly told: string[] } {
  const told: string[] = [];
  const { sources, faults } = readImageSources(images, 'images');
  expect(faults).toEqual([]);
  const log = { info: (message: string, fields = {}) => void told.push(`${message} ${JSON.stringify(fields)}`), warn: (message: string) => void told.push(message) };
  const files = createImageFiles({ folder, sources, limits: { maxBytes: 64 * MB, cacheBytes: 64 * MB }, log, now: () => new Date(), ...more });
  opened.push(files);
  return { ...files, told };
}
const images = (): string[] => readdirSync(folder).filter((name) => /\.(raw|qcow2)$/.test(name));
const left = (): string[] => readdirSync(folder).filter((name) => !/\.(raw|qcow2|lock)$/.test(name));
const qemuImg = (...args: string[]): string => execFileSync('qemu-img', args, { encoding: 'utf8', cwd: folder });
/** An image made by qemu-img, as content. */
function made(...args: string[]): Buffer {
  const path = join(folder, 'made.img');
  qemuImg('create', '-q', ...args.slice(0, -1), path, args.at(-1) ?? '');
  const content = readFileSync(path);
  rmSync(path);
  return content;
}

describeImages('an image from an address', () => {
  test('is fetched once for all who ask, and then is there', async () => {
    const content = randomBytes(3 * MB);
    server.serve(content);
    const files = open({ one: { url: server.url, sha256: sha256(content) } });
    const paths = await Promise.all([files.ensureLocalImage('one', raw), files.ensureLocalImage('one', raw)]);
    paths.push(await files.ensureLocalImage('one', raw), await open({ one: { url: server.url, sha256: sha256(content) } }).ensureLocalImage('one', raw));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0] ?? '').equals(content)).toBe(true);
    expect([server.asked.length, left()]).toEqual([1, []]);
    expect(files.told.join('\n')).toMatch(/"percent":50/);
    expect(files.told.join('\n')).not.toContain('secret');
  });

  test('is continued where a connection broke, and where one fell silent', async () => {
    const content = randomBytes(2 * MB);
    server.serve(content, { first: ['cut', 'stall', 503], cutAt: MB });
    const limits = { maxBytes: 64 * MB, cacheBytes: 64 * MB, idleMs: 300 };
    const path = await open({ one: { url: server.url, sha256: sha256(content) } }, { limits }).ensureLocalImage('one', raw);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(server.asked.length).toBeGreaterThanOrEqual(4);
    expect(Number(/bytes=(\d+)-/.exec(server.asked[1]?.range ?? '')?.[1])).toBeGreaterThan(0);
  });

  test('begins anew where the rest cannot be proved to belong to it', async () => {
    const content = randomBytes(2 * MB);
    server.serve(content, { first: ['cut'], lacks: ['etag'] });
    await open({ one: { url: server.url, sha256: sha256(content) } }).ensureLocalImage('one', raw);
    expect(server.asked.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  test('that changed at its source in the middle is the new one', async () => {
    const [before, after] = [randomBytes(2 * MB), randomBytes(3 * MB)];
    server.serve(before, { first: ['cut'], piece: async (sent) => { if (sent > MB / 2) server.serve(after); } });
    const path = await open({ one: server.url }).ensureLocalImage('one', raw);
    expect(readFileSync(path).equals(after)).toBe(true);
  });

  test('is continued by the next process after kill -9, by one of two', async () => {
    const content = randomBytes(4 * MB);
    const program = await bundled();
    let reached = (): void => undefined;
    const half = new Promise<void>((resolve) => { reached = resolve; });
    server.serve(content, { piece: async (sent) => { if (sent >= 2 * MB) { reached(); await new Promise(() => undefined); } } });
    const child = spawn(process.execPath, [program, folder, server.url], { stdio: 'ignore' });
    await half;
    await partOf(MB);
    child.kill('SIGKILL');
    await once(child, 'close');
    server.serve(content);
    const two = await Promise.all([fetchBy(program), fetchBy(program)]);
    expect(two[0]).toBe(two[1]);
    expect(readFileSync(two[0] ?? '').equals(content)).toBe(true);
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]?.range).toMatch(/^bytes=[1-9]\d{5,}-$/);
    expect(left()).toEqual([]);
  });

  test.each<[string, () => Buffer, object, object, string, RegExp]>([
    ['is not what its checksum says', () => randomBytes(MB), { sha256: 'a'.repeat(64) }, {}, 'cloud-rejected', /not what its sha256 says/],
    ['is larger than the limit says', () => Buffer.alloc(70 * MB), {}, {}, 'cloud-rejected', /larger than/],
    ['is larger and does not say so', () => Buffer.alloc(70 * MB), {}, { lacks: ['length'] }, 'cloud-rejected', /larger than/],
    ['is not there', () => Buffer.alloc(1), {}, { first: [404] }, 'cloud-rejected', /status 404/],
    ['comes packed', () => Buffer.alloc(9), {}, { headers: { 'Content-Encoding': 'gzip' } }, 'cloud-rejected', /encoding gzip/],
    ['is empty', () => Buffer.alloc(0), {}, {}, 'cloud-rejected', /empty/],
    ['has a backing file', () => made('-f', 'qcow2', '-u', '-F', 'raw', '-b', '/etc/passwd', '1M'), {}, {}, 'cloud-rejected', /backing file/],
    ['keeps its data elsewhere', () => made('-f', 'qcow2', '-o', 'data_file=/tmp/none.raw', '1M'), {}, {}, 'cloud-rejected', /another file/],
    ['is a list of other files', () => Buffer.from('# Disk DescriptorFile\nversion=1\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/passwd" 0\n'), {}, {}, 'cloud-rejected', /VMDK descriptor/],
    ['is a disk beyond the limit', () => made('-f', 'qcow2', '10G'), {}, {}, 'cloud-rejected', /may have/],
  ])('is refused where it %s, and nothing is left of it', async (_name, content, more, behaviour, code, words) => {
    server.serve(content(), behaviour);
    await expect(open({ one: { url: server.url, ...more } }).ensureLocalImage('one', raw)).rejects.toMatchObject({ code, message: expect.stringMatching(words) as string });
    expect([left(), images()]).toEqual([[], []]);
    rmSync('/tmp/none.raw', { force: true });
  });

  test('whose source has gone says so after a few tries', async () => {
    const { url } = server;
    await server.close();
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }));
    try {
      const ended = open({ one: url }).ensureLocalImage('one', { ...raw, patienceMs: 300 });
      await expect(ended).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/not here yet/) as string });
    } finally {
      jest.restoreAllMocks();
      server = await stageImageServer();
    }
  });

  test('that somebody cannot wait for goes on, and is there for the next', async () => {
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => { go = resolve; });
    server.serve(randomBytes(MB), { piece: (sent) => (sent < MB / 2 ? Promise.resolve() : gate) });
    const patience = new AbortController();
    const log = { info: (_message: string, { percent = 0 }: { percent?: unknown } = {}) => (Number(percent) >= 40 ? patience.abort() : undefined), warn: () => undefined };
    const files = open({ one: server.url }, { limits: { maxBytes: 64 * MB, cacheBytes: 64 * MB }, log });
    await expect(files.ensureLocalImage('one', { ...raw, signal: patience.signal })).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/not here yet: \d+ % of 1048576 bytes have come/) as string });
    go();
    await files.ensureLocalImage('one', raw);
    expect(server.asked).toHaveLength(1);
  });
});

testImages('what speaks against an image is not found out anew by every order', async () => {
  server.serve(randomBytes(MB));
  const files = open({ one: { url: server.url, sha256: 'a'.repeat(64) } });
  for (const _ of [1, 2, 3]) await expect(files.ensureLocalImage('one', raw)).rejects.toMatchObject({ code: 'cloud-rejected' });
  expect(server.asked).toHaveLength(1);
});

describeImages('conversion', () => {
  test('gives the format that is wanted, whatever came', async () => {
    server.serve(made('-f', 'qcow2', '8M'));
    const path = await open({ one: server.url }).ensureLocalImage('one', raw);
    expect(JSON.parse(qemuImg('info', '--output=json', '-f', 'raw', path))).toMatchObject({ 'virtual-size': 8 * MB });
    const other = await open({ one: server.url }).ensureLocalImage('one', { format: 'qcow2', signal });
    expect(JSON.parse(qemuImg('info', '--output=json', other))).toMatchObject({ format: 'qcow2', 'virtual-size': 8 * MB });
    expect(left()).toEqual([]);
  });

  test('leaves a file of the operator alone, and uses it as it is where that will do', async () => {
    const file = join(folder, '..', `${folder.split('/').at(-1)}.img`);
    try {
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '4M']);
      const before = sha256(readFileSync(file));
      const files = open({ mine: file });
      expect(await files.ensureLocalImage('mine', { format: 'qcow2', signal })).toBe(file);
      const converted = await files.ensureLocalImage('mine', raw);
      expect([statSync(converted).size, sha256(readFileSync(file))]).toEqual([4 * MB, before]);
      writeFileSync(file, randomBytes(MB));
      expect(await files.ensureLocalImage('mine', raw)).toBe(file);
    } finally {
      rmSync(file, { force: true });
    }
  });

  test('of what is not there, or is nobody’s name, is refused', async () => {
    const files = open({ mine: join(folder, 'nothing.img') });
    await expect(files.ensureLocalImage('mine', raw)).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringContaining('is not there') as string });
    await expect(files.ensureLocalImage('other', raw)).rejects.toMatchObject({ code: 'cloud-rejected', message: 'There is no image other; there are mine.' });
  });
});

describeImages('the cache', () => {
  const old = (path: string, hours: number): void => utimesSync(path, new Date(), new Date(Date.now() - hours * 3_600_000));
  const cached = (name: string, hours: number): string => {
    const path = join(folder, name);
    writeFileSync(path, randomBytes(4 * MB));
    old(path, hours);
    return path;
  };
  const limits = { maxBytes: 64 * MB, cacheBytes: 10 * MB };

  test('drops what was not used for longest, and nothing that is in use', async () => {
    const [linked, needed, older, newer] = [cached('a.raw', 9), cached('b.raw', 8), cached('c.raw', 2), cached('d.raw', 1)];
    linkSync(linked, join(folder, 'machine-disk'));
    server.serve(randomBytes(2 * MB));
    const files = open({ one: server.url }, { limits: { ...limits, cacheBytes: 15 * MB }, isInUse: async (path) => path === needed });
    await files.ensureLocalImage('one', raw);
    expect([linked, needed, older, newer].map((path) => existsSync(path))).toEqual([true, true, false, true]);
  });

  test.each([[{}], [{ lacks: ['length'] as const }]])('that is full of what is in use says so (%j)', async (behaviour) => {
    cached('a.raw', 0);
    cached('b.raw', 0);
    server.serve(randomBytes(4 * MB), behaviour);
    await expect(open({ one: server.url }, { limits }).ensureLocalImage('one', raw)).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/cache of images has no room/) as string });
    expect(left()).toEqual([]);
  });

  const isMountable = (() => {
    const at = mkdtempSync(join(tmpdir(), 'mount-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at], { stdio: 'ignore' });
      execFileSync('umount', [at]);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(at, { recursive: true });
    }
  })();
  (isMountable ? test : test.skip).each([[{}], [{ lacks: ['length'] as const }]])('on a full disk says so and leaves room (%j)', async (behaviour) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    try {
      server.serve(randomBytes(3 * MB), behaviour);
      await expect(open({ one: server.url }).ensureLocalImage('one', raw)).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/disk/) as string });
      expect(left()).toEqual([]);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  test('takes a sparse image for what it takes of the disk', async () => {
    const file = openSync(join(folder, 'sparse.raw'), 'w');
    ftruncateSync(file, 60 * MB);
    closeSync(file);
    server.serve(randomBytes(MB));
    await open({ one: server.url }, { limits }).ensureLocalImage('one', raw);
    expect(existsSync(join(folder, 'sparse.raw'))).toBe(true);
  });
});

async function bundled(): Promise<string> {
  const root = resolve(__dirname, '../../..');
  const outfile = join(folder, 'fetcher.js.lock');
  await build({ absWorkingDir: root, entryPoints: [join(__dirname, 'image-fetcher-program.ts')], outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs', tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'error' });
  return outfile;
}

const fetchBy = (program: string): Promise<string> => new Promise((done, fail) => {
  execFile(process.execPath, [program, folder, server.url], { timeout: 30_000 }, (error, stdout) => (error ? fail(error) : done(stdout)));
});

/** Resolves when so much of the download is on the disk. */
async function partOf(bytes: number): Promise<void> {
  for (;;) {
    const part = readdirSync(folder).find((name) => name.endsWith('.part'));
    if (part && statSync(join(folder, part)).size >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
