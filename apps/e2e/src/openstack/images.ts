import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chapter } from '../story.js';
import { awaitFulfilled } from './lab.js';
import type { Lab } from './lab.js';

/** A publisher of one image, which breaks its first connection in the middle; and what a member's settings say of it. */
export interface ImagePublisher {
  readonly settings: Readonly<Record<string, unknown>>;
  /** SHA-512 of the disk, as Glance tells it of what it was given. */
  readonly sha512: string;
  /** The Range of each request; undefined: the whole. */
  readonly asked: (string | undefined)[];
  close(): Promise<void>;
}

const NAME = 'given-by-the-member';
const DISK_BYTES = 8 << 20;

/** Comes as qcow2 and is wanted raw, so that the conversion is proved by the checksum. */
export async function publishImage(): Promise<ImagePublisher> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-publisher-'));
  const [disk, file] = [join(folder, 'disk.raw'), join(folder, 'disk.qcow2')];
  writeFileSync(disk, randomBytes(DISK_BYTES));
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', disk, file]);
  const [content, raw] = [readFileSync(file), readFileSync(disk)];
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.on('error', () => undefined);
    response.writeHead(from > 0 ? 206 : 200, {
      ETag: '"one"', 'Content-Length': content.length - from, ...(from > 0 ? { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    if (asked.length === 1) response.write(content.subarray(0, content.length / 2), () => response.destroy());
    else response.end(content.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.qcow2`;
  return {
    asked, sha512: createHash('sha512').update(raw).digest('hex'),
    settings: { images: { [NAME]: { url, sha256: createHash('sha256').update(content).digest('hex') } }, imageFolder: join(folder, 'cache'), imageFormat: 'raw' },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface InGlance {
  readonly id: string;
  readonly status: string;
  readonly size: number;
  readonly os_hash_algo: string;
  readonly os_hash_value: string;
  readonly fogbow_image: string;
  readonly fogbow_sender: string;
}

/** Images that the member has and its Glance lacks. */
export function images({ home, eyes, site }: Lab, publisher: ImagePublisher): Chapter {
  const inGlance = async (): Promise<InGlance[]> => (await eyes.admin.ask<{ images: InGlance[] }>('image', 'GET', `/images?name=${NAME}&owner=${site.home.projectId}`)).images;
  const ordered = async (count: number): Promise<void> => {
    for (const id of await home.submit({ flavor: 'small', image: NAME, count })) await awaitFulfilled({ home }, id);
  };
  let first: InGlance | undefined;
  return {
    name: 'Images: what Glance lacks is fetched and sent for the first order that names it',
    steps: [
      ['three orders bring one image, over a connection that broke, and Glance tells its checksum', async () => {
        await ordered(3);
        const found = await inGlance();
        first = found[0];
        assert.deepEqual(found.map(({ status, size, os_hash_algo: algorithm, os_hash_value: hash }) => [status, size, algorithm, hash]), [['active', DISK_BYTES, 'sha512', publisher.sha512]]);
        assert.match(publisher.asked.join(' '), /^ bytes=[1-9]\d*-$/);
        assert.equal((await eyes.servers()).length, 3);
        await home.removeAll();
        return `${first?.size} bytes, ${publisher.asked.length} requests`;
      }],
      ['an image that went, and the empty record of an upload that broke, are made good by the next order', async () => {
        const { fogbow_image: mark, fogbow_sender: sender, id } = first as InGlance;
        await eyes.admin.ask('image', 'DELETE', `/images/${id}`);
        const record = { name: NAME, owner: site.home.projectId, disk_format: 'raw', container_format: 'bare', visibility: 'private', fogbow_image: mark, fogbow_sender: sender };
        const broken = await eyes.admin.ask<{ id: string }>('image', 'POST', '/images', record);
        await ordered(1);
        const found = await inGlance();
        assert.deepEqual(found.map(({ status, os_hash_value: hash }) => [status, hash]), [['active', publisher.sha512]]);
        assert.notEqual(found[0]?.id, broken.id);
        assert.equal(publisher.asked.length, 2, 'it is not fetched again');
        await home.removeAll();
        await eyes.admin.ask('image', 'DELETE', `/images/${found[0]?.id ?? ''}`);
        return `${broken.id} went, ${found[0]?.id ?? ''} came`;
      }],
    ],
  };
}
