import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A site that publishes one image by https, under an authority of its own, and breaks its first connection in the middle. */
export interface ImagePublisher {
  readonly url: string;
  readonly sha256: string;
  /** Certificate of the authority, PEM. */
  readonly caFile: string;
  /** The Range of each request; undefined: the whole. */
  readonly asked: (string | undefined)[];
  close(): Promise<void>;
}

export async function publishByHttps(folder: string, file: string): Promise<ImagePublisher> {
  const { key, cert, caFile } = makeCertificate(folder);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  const { size } = statSync(file);
  const asked: (string | undefined)[] = [];
  const server = createServer({ key, cert }, ({ headers: { range } }, response) => {
    asked.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.on('error', () => undefined).writeHead(from > 0 ? 206 : 200, { ETag: '"one"', 'Content-Length': size - from, ...(from > 0 ? { 'Content-Range': `bytes ${from}-${size - 1}/${size}` } : {}) });
    void give(response, file, { from, end: asked.length === 1 ? Math.floor(size / 2) : size, isBroken: asked.length === 1 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/machine.qcow2`, sha256: hash.digest('hex'), caFile, asked,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function give(response: ServerResponse, file: string, { from, end, isBroken }: { readonly from: number; readonly end: number; readonly isBroken: boolean }): Promise<void> {
  try {
    await pipeline(createReadStream(file, { start: from, end: end - 1 }), response, { end: !isBroken });
    // Fewer bytes than were told: the connection breaks.
    if (isBroken) response.socket?.end();
  } catch {
    response.destroy();
  }
}

function makeCertificate(folder: string): { readonly key: Buffer; readonly cert: Buffer; readonly caFile: string } {
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore', cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=publisher authority', '-keyout', 'publisher-ca.key', '-out', 'publisher-ca.pem');
  openssl('req', ...newKey, '-subj', '/CN=publisher', '-keyout', 'publisher.key', '-out', 'publisher.csr');
  writeFileSync(join(folder, 'publisher.ext'), 'subjectAltName=IP:127.0.0.1\n');
  openssl('x509', '-req', '-in', 'publisher.csr', '-CA', 'publisher-ca.pem', '-CAkey', 'publisher-ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'publisher.ext', '-out', 'publisher.pem');
  return { key: readFileSync(join(folder, 'publisher.key')), cert: readFileSync(join(folder, 'publisher.pem')), caFile: join(folder, 'publisher-ca.pem') };
}
