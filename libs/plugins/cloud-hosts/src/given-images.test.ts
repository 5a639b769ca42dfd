import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readImageSources } from '@fogbow/image-files';
import { createGivenImages } from './given-images.js';
import type { GivenImages, GivenImagesOptions } from './given-images.js';
import type { HostRunner } from './host-runner.js';
import { createHostShell } from './host-shell.js';
import { createImageSource } from './image-source.js';
import type { ImageHost } from './image-source.js';
import { createLocalRunner } from './local-runner.js';

jest.setTimeout(60_000);
// Every image is looked at with the real qemu-img (Debian: qemu-utils).
const describeImages = spawnSync('qemu-img', ['--version']).status === 0 ? describe : describe.skip;

const MB = 1 << 20;
const content = randomBytes(3 * MB);
const sha256 = createHash('sha256').update(content).digest('hex');
const signal = (): AbortSignal => AbortSignal.timeout(30_000);

let folder = '';
let server: Server;
let asked: (string | undefined)[] = [];
let way: 'well' | 'cut' | 'stall' = 'well';
const opened: GivenImages[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join('/tmp', 'gi-'));
  [asked, way] = [[], 'well'];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const images of opened.splice(0)) await images.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** A web server with one image; the first answer may break, or end in silence. */
function answer({ headers: { range } }: IncomingMessage, response: ServerResponse): void {
  asked.push(range);
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  response.on('error', () => undefined);
  response.writeHead(from > 0 ? 206 : 200, { ETag: '"one"', 'Content-Length': content.length - from, ...(from > 0 ? { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}) });
  if (asked.length > 1 || way === 'well') response.end(content.subarray(from));
  else response.write(content.subarray(0, MB), () => (way === 'cut' ? response.socket?.end() : undefined));
}
const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/one.img`;

function open(images: Record<string, unknown> = { one: { url: url(), sha256 } }, more: Partial<GivenImagesOptions> = {}): GivenImages {
  const { sources } = readImageSources(images, 'images');
  const host = { memberId: 'm', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } };
  const given = createGivenImages({ sources, folder: join(folder, 'cache'), format: 'raw', limits: { maxBytes: 64 * MB, cacheBytes: 64 * MB }, host, idleMs: 5000, ...more });
  opened.push(given);
  return given;
}

/** A folder of this machine as a host; `ssh` stands for another machine, whose files cannot be shared. */
function hostAt(name: string, at = 'ssh://u@h', runner: HostRunner = createLocalRunner(name)): ImageHost {
  const spec = { name, at, directory: join(folder, name), capacity: { machines: 1, vcpu: 1, ramMb: 1, diskGb: 1 } };
  return { spec, runner, shell: createHostShell({ spec, runner, callTimeoutMs: 10_000 }) };
}
const imagesOf = ({ spec }: ImageHost): string[] => readdirSync(join(spec.directory, 'images'));

/** Counts what is sent, and breaks the sending off after so many bytes. */
function watched(breakAfter = Infinity): HostRunner & { sent: number } {
  const inner = createLocalRunner('watched');
  const watcher = {
    ...inner, sent: 0,
    run: ((command, { input, signal: end }) => inner.run(command, { signal: end, ...(input instanceof Readable ? { input: Readable.from(count(input), { objectMode: false }) } : { input: input ?? '' }) })) as HostRunner['run'],
  };
  async function* count(input: Readable): AsyncGenerator<Buffer> {
    for await (const piece of input) {
      if (watcher.sent >= breakAfter) return;
      watcher.sent += (piece as Buffer).length;
      yield piece as Buffer;
    }
  }
  return watcher;
}

describeImages('an image that the hosts are given', () => {
  it('is fetched once for many orders on many hosts, over a connection that breaks; a host of this machine shares the file', async () => {
    way = 'cut';
    const given = open();
    const hosts = [hostAt('here', 'local'), hostAt('there')];
    const paths = await Promise.all([...hosts, ...hosts, ...hosts].map((host) => given.bring('one', host, signal())));
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(readFileSync(path).equals(content)).toBe(true);
    expect(asked).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect([...new Set(paths)].map((path) => statSync(path).nlink)).toEqual([2, 1]);
    expect(hosts.map(imagesOf).flat()).toHaveLength(2);
  });

  it('comes in the wanted format', async () => {
    const path = await open(undefined, { format: 'qcow2' }).bring('one', hostAt('there'), signal());
    writeFileSync(join(folder, 'raw'), content);
    expect(execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', join(folder, 'raw'), path], { encoding: 'utf8' })).toMatch(/identical/);
  });

  it('is refused where it is not what its checksum says, where it is too large, and where it leads to other files', async () => {
    const host = hostAt('there');
    await expect(open({ one: { url: url(), sha256: sha256.replace(/./, (first) => (first === '0' ? '1' : '0')) } }).bring('one', host, signal())).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/not what its sha256 says/) as string });
    await expect(open(undefined, { limits: { maxBytes: MB, cacheBytes: MB } }).bring('one', host, signal())).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/larger than/) as string });
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', '/etc/passwd', join(folder, 'bad.qcow2')]);
    await expect(open({ one: join(folder, 'bad.qcow2') }).bring('one', host, signal())).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/backing file/) as string });
    expect(existsSync(join(folder, 'there', 'images'))).toBe(false);
  });

  it('goes on to a host where a sending broke off, and begins anew where what is there is something else', async () => {
    const file = { one: { file: put(content), sha256 } };
    const broken = watched(MB);
    await expect(open(file).bring('one', hostAt('there', undefined, broken), signal())).rejects.toMatchObject({ code: 'cloud-unavailable' });
    const [name = ''] = readdirSync(join(folder, 'there', 'images')).filter((one) => one.endsWith('.part'));
    expect(name).not.toBe('');
    const rest = watched();
    const path = await open(file).bring('one', hostAt('there', undefined, rest), signal());
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(broken.sent + rest.sent).toBeLessThan(content.length * 1.5);
    rmSync(path);
    writeFileSync(`${path}.part`, randomBytes(2 * MB));
    await open(file).bring('one', hostAt('there'), signal());
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('is sent by one of two processes, and the other says so', async () => {
    const file = { one: { file: put(content), sha256 } };
    const outcomes = await Promise.allSettled([open(file), open(file)].map((one) => one.bring('one', hostAt('there'), signal())));
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/another process sends it/) as string });
    const path = await open(file).bring('one', hostAt('there'), signal());
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(imagesOf(hostAt('there'))).toHaveLength(1);
  });

  it('tells an order that cannot wait how far it is, and is there for a later one', async () => {
    way = 'stall';
    const given = open(undefined, { limits: { maxBytes: 64 * MB, cacheBytes: 64 * MB, idleMs: 1500 } });
    await expect(given.bring('one', hostAt('there'), AbortSignal.timeout(700))).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/not here yet: 33 % of/) as string });
    expect(readFileSync(await given.bring('one', hostAt('there'), signal())).equals(content)).toBe(true);
  });

  it('leaves a host whose disk is full as it was', async () => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'df'), '#!/bin/sh\nprintf "head\\nx 1 1 5 1 /\\n"\n');
    chmodSync(join(folder, 'bin', 'df'), 0o755);
    const inner = createLocalRunner('there');
    const full: HostRunner = { ...inner, run: (command, options) => inner.run(['env', `PATH=${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, ...command], options) };
    await expect(open().bring('one', hostAt('there', undefined, full), signal())).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/disk of the host there is full/) as string });
    expect(imagesOf(hostAt('there')).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });

  it('goes from a host when the settings have it no more, but not from a machine', async () => {
    const [given, host] = [open({ one: { file: put(content) }, two: { file: put(randomBytes(MB)) } }), hostAt('there')];
    const [one, two] = [await given.bring('one', host, signal()), await given.bring('two', host, signal())];
    linkSync(one, join(folder, 'base'));
    writeFileSync(`${two}.part`, '');
    writeFileSync(`${one}.part`, '');
    const tidy = (images: GivenImages): Promise<void> => createImageSource({ names: [], paths: {}, given: images }).tidy(host, signal());
    await tidy(given);
    expect(imagesOf(host)).toHaveLength(4);
    await tidy(open({ two: { file: join(folder, 'given-1') } }));
    expect(imagesOf(host).every((name) => two.endsWith(name.replace('.part', '')))).toBe(true);
    expect(readFileSync(join(folder, 'base')).equals(content)).toBe(true);
  });

  it('is no image of a host before it is asked for, and a name that is none is refused', async () => {
    const [given, host] = [open(), hostAt('there')];
    const source = createImageSource({ names: ['one', 'put'], paths: { put: join(folder, 'put') }, given });
    expect(await source.look('one', host, signal())).toBeUndefined();
    await expect(source.look('put', host, signal())).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/there cannot use the image put/) as string });
    await expect(source.locate('three', host, signal())).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/it has one, put/) as string });
    expect(await source.locate('one', host, signal())).toMatchObject({ format: 'raw', minDiskGb: 1 });
    expect(await source.look('one', host, signal())).toMatchObject({ format: 'raw' });
    await source.close();
  });
});

let files = 0;
function put(bytes: Buffer): string {
  const path = join(folder, `given-${files++}`);
  writeFileSync(path, bytes);
  return path;
}
beforeEach(() => { files = 0; });
