import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectionFault } from './engine-faults.js';
import { createEngineWire } from './engine-wire.js';
import type { EngineWire } from './engine-wire.js';

/** An engine that answers as it is told, on a Unix socket. */
let folder: string;
let server: Server | undefined;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'wire-')); });
afterEach(async () => {
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const serve = async (listener: RequestListener, timeoutMs = 5000): Promise<EngineWire> => {
  server = createServer(listener);
  await new Promise<void>((listening) => server?.listen(join(folder, 's'), listening));
  return createEngineWire({ socket: join(folder, 's') }, timeoutMs);
};
const { signal } = new AbortController();

it('sends query and body, and hands on any status with its body', async () => {
  const seen: string[] = [];
  const ask = await serve((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += String(bytes); }).on('end', () => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(409, { 'Content-Type': 'application/json' }).end('{"message":"taken"}');
    });
  });
  expect(await ask({ method: 'POST', path: '/containers/create', query: { name: 'a b' }, body: { Image: 'x' }, signal })).toMatchObject({ status: 409, body: { message: 'taken' } });
  await ask({ method: 'GET', path: '/containers/x/json', signal });
  await ask({ method: 'DELETE', path: '/containers/x', query: { force: '1' }, signal });
  expect(seen).toEqual(['POST /containers/create?name=a%20b {"Image":"x"}', 'GET /containers/x/json ', 'DELETE /containers/x?force=1 ']);
});

it.each([429, 502, 503, 504])('asks again after %i, when Retry-After is over', async (status) => {
  const times: number[] = [];
  const ask = await serve((_request, response) => {
    times.push(performance.now());
    if (times.length === 1) response.writeHead(status, { 'Retry-After': '1' }).end();
    else response.writeHead(200).end('{}');
  });
  expect(await ask({ method: 'GET', path: '/version', signal })).toMatchObject({ status: 200, body: {} });
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
});

it('gives up after four tries and shows the last answer', async () => {
  let asked = 0;
  const ask = await serve((_request, response) => { asked += 1; response.writeHead(503, { 'Retry-After': '0' }).end('{"message":"busy"}'); });
  expect(await ask({ method: 'GET', path: '/version', signal })).toMatchObject({ status: 503, body: { message: 'busy' } });
  expect(asked).toBe(4);
});

it('does not wait longer than its caller', async () => {
  const ask = await serve((_request, response) => void response.writeHead(503, { 'Retry-After': '60' }).end());
  await expect(ask({ method: 'GET', path: '/version', signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ code: 'cloud-unavailable' });
});

it.each(['never answers', 'stops in the middle of its answer'])('is unavailable where the engine %s', async (fault) => {
  const ask = await serve((_request, response) => { if (fault !== 'never answers') response.writeHead(200).write('{'); }, 150);
  await expect(ask({ method: 'GET', path: '/version', signal })).rejects.toMatchObject({ code: 'cloud-unavailable', message: expect.stringContaining('did not answer in time') as string });
  server?.closeAllConnections();
});

it('is unavailable where nobody listens, and says where; the environment has no say in it', async () => {
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:9';
  try {
    const ask = createEngineWire({ socket: join(folder, 'nobody') }, 1000);
    await expect(ask({ method: 'GET', path: '/version', signal })).rejects.toMatchObject({ code: 'cloud-unavailable', message: `No container engine listens at ${join(folder, 'nobody')}; is it started?` });
  } finally {
    delete process.env['DOCKER_HOST'];
  }
});

it.each([
  [{ code: 'ERR_SSL_TLSV1_ALERT_BAD_CERTIFICATE' }, 'cloud-unauthorized', /do not trust/],
  [{ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, 'cloud-unauthorized', /do not trust/],
  [{ code: 'EACCES' }, 'cloud-unauthorized', /group of the socket/],
  [{ code: 'ECONNREFUSED' }, 'cloud-unavailable', /is it started/],
  [{ code: 'ECONNRESET' }, 'cloud-unavailable', /ECONNRESET/],
])('%j is %s', (cause, code, text) => {
  expect(connectionFault(cause, '/s')).toMatchObject({ code, message: expect.stringMatching(text) as string });
});

describe('over TLS', () => {
  /** A key and a certificate that it made itself. */
  const identity = (name: string): { readonly key: string; readonly cert: string } => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key, cert };
  };

  it('proves itself to the engine and the engine to it', async () => {
    const [engine, ours, stranger] = ['engine', 'ours', 'stranger'].map(identity) as [ReturnType<typeof identity>, ReturnType<typeof identity>, ReturnType<typeof identity>];
    const tls = createTlsServer({ key: readFileSync(engine.key), cert: readFileSync(engine.cert), ca: readFileSync(ours.cert), requestCert: true, rejectUnauthorized: true }, (_request, response) => response.end('{"Version":"1"}'));
    await new Promise<void>((listening) => tls.listen(0, '127.0.0.1', listening));
    const url = `https://127.0.0.1:${(tls.address() as AddressInfo).port}`;
    const ask = (caFile: string, { cert, key }: typeof ours) => createEngineWire({ socket: '/nowhere', url, caFile, certFile: cert, keyFile: key }, 5000)({ method: 'GET', path: '/version', signal });
    try {
      expect(await ask(engine.cert, ours)).toMatchObject({ status: 200, body: { Version: '1' } });
      await expect(ask(stranger.cert, ours)).rejects.toMatchObject({ code: 'cloud-unauthorized' });
      // Node hangs up on a stranger, where a real engine gives an alert.
      await expect(ask(engine.cert, stranger)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    } finally {
      tls.closeAllConnections();
      await new Promise((done) => tls.close(done));
    }
  });
});
