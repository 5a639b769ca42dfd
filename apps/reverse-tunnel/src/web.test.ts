import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { newId } from '@fogbow/service-runtime';
import { WebSocket, WebSocketServer } from 'ws';
import type { ClientOptions } from 'ws';
import { makeCertificate } from './testing/make-certificate.js';
import { answers, forwarding, grantPorts, MANAGER, newMachine, ssh, startFixture } from './testing/tunnel-fixture.js';
import type { Machine, SshRun, TunnelFixture } from './testing/tunnel-fixture.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const DOMAIN = 't.localhost';
const certificates = mkdtempSync(join(tmpdir(), 'web-'));
const children: SshRun[] = [];
const servers: http.Server[] = [];
let fixture: TunnelFixture;
let webPort: number;

beforeAll(async () => {
  makeCertificate(certificates, 'tunnel', [`DNS:${DOMAIN}`, `DNS:*.${DOMAIN}`, 'IP:127.0.0.1']);
  // More ports than other tests need: those of the grants of each test stay taken.
  const from = 12_000 + 200 * (randomBytes(1).readUInt8() % 35);
  fixture = await startFixture(redisUrl, {
    'ports.from': from, 'ports.to': from + 199,
    'web.host': '127.0.0.1', 'web.port': 0, 'web.domain': DOMAIN, 'web.certificates': certificates, 'web.ca': join(certificates, 'tunnel.crt'), 'web.reload': 50,
    'limits.apiPerMinute': 100_000, 'limits.webHeader': 1000, 'limits.webIdle': 1500,
  });
  const { grants: _grants, endpoint } = await fixture.queues.request('grant-tunnels', { manager: MANAGER, grants: [] }, 5000);
  webPort = Number(new URL(endpoint.web?.url ?? '').port);
}, 20_000);
afterEach(async () => {
  for (const run of children) run.child.kill('SIGKILL');
  await Promise.all(children.splice(0).map((run) => run.exit));
  for (const server of servers.splice(0)) { server.closeAllConnections(); server.close(); }
});
afterAll(async () => {
  await fixture.close();
  rmSync(certificates, { recursive: true });
});

interface Answer { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string; readonly response: IncomingMessage }
interface Ask { readonly host?: string; readonly sni?: string; readonly method?: string; readonly path?: string; readonly headers?: Record<string, string | string[]>; readonly body?: string | Buffer }

const ca = (): Buffer => readFileSync(join(certificates, 'tunnel.crt'));
const open = ({ host = DOMAIN, sni = host.replace(/:.*/, ''), method = 'GET', path = '/', headers = {} }: Ask): http.ClientRequest =>
  https.request({ host: '127.0.0.1', port: webPort, servername: sni, ca: ca(), agent: false, method, path, headers: { Host: host, ...headers } });

async function ask(given: Ask): Promise<Answer> {
  const request = open(given);
  request.end(given.body);
  const [response] = await once(request, 'response') as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString(), response };
}

const bearer = ({ grant, secret }: Machine): { readonly Authorization: string } => ({ Authorization: `Bearer ${grant.id}.${secret}` });
const post = (machine: Machine, body: unknown): Promise<Answer> => ask({ method: 'POST', path: '/v1/grants/self/services', headers: { ...bearer(machine), 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const parsed = ({ body }: Answer): Record<string, unknown> => JSON.parse(body) as Record<string, unknown>;

async function newGrant(): Promise<Machine> {
  const made = newMachine();
  const machine = { ...made, grant: { ...made.grant, id: `${newId()}-1` } };
  await grantPorts(fixture, machine);
  return machine;
}
const hostOf = (machine: Machine, name = 'web'): string => `${name}--${machine.grant.id.slice(0, -2)}.${DOMAIN}`;

/** A web server of a machine that has its tunnel open; resolves to the service's host name. */
async function serveWeb(listener: RequestListener, machine?: Machine): Promise<{ host: string; machine: Machine; server: http.Server; run: SshRun }> {
  const owner = machine ?? await newGrant();
  const server = http.createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const { port } = parsed(await post(owner, { name: 'web', kind: 'http' }));
  const seen = fixture.events.length;
  const run = ssh(fixture, owner, ...forwarding(Number(port), (server.address() as AddressInfo).port));
  children.push(run);
  await fixture.event((event) => event.type === 'service-up' && event.grantId === owner.grant.id, seen);
  return { host: hostOf(owner), machine: owner, server, run };
}

describe('the API of machines', () => {
  test('a client that knows the address only is shown a certificate too', async () => {
    const request = https.request({ host: '127.0.0.1', port: webPort, ca: ca(), agent: false, path: '/hostkey' });
    request.end();
    const [response] = await once(request, 'response') as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  test('a machine adds a service, sees it, and removes it; the Manager hears of it', async () => {
    const machine = await newGrant();
    const added = await post(machine, { name: 'db' });
    expect(added.status).toBe(201);
    expect(parsed(added)).toEqual({ name: 'db', kind: 'tcp', port: expect.any(Number), address: `localhost:${parsed(added)['port']}`, byMachine: true });
    expect(parsed(await post(machine, { name: 'web', kind: 'http' }))['address']).toBe(`https://${hostOf(machine)}:${webPort}/`);
    expect((await post(machine, { name: 'db' })).status).toBe(200);
    await fixture.event((event) => event.type === 'services-changed' && event.grantId === machine.grant.id && event.services.length === 3);
    const self = await ask({ path: '/v1/grants/self', headers: bearer(machine) });
    expect([self.status, parsed(self)['services']]).toEqual([200, [expect.objectContaining({ name: 'ssh', byMachine: false }), expect.objectContaining({ name: 'db' }), expect.objectContaining({ name: 'web' })]]);
    expect(self.body).not.toContain(machine.grant.secretHash);
    expect((await ask({ method: 'DELETE', path: '/v1/grants/self/services/db', headers: bearer(machine) })).status).toBe(200);
    await fixture.event((event) => event.type === 'services-changed' && event.grantId === machine.grant.id && !JSON.stringify(event.services).includes('"db"') && JSON.stringify(event.services).includes('"web"'));
  });

  test.each([
    ['no secret', {}, 401, 'unauthenticated'], ['a wrong secret', { Authorization: 'Bearer x.y' }, 401, 'unauthenticated'], ['another scheme', { Authorization: 'Basic eDp5' }, 401, 'unauthenticated'],
  ])('%s gets %o', async (_what, headers, status, code) => {
    const answer = await ask({ path: '/v1/grants/self', headers });
    expect([answer.status, parsed(answer)['code'], answer.headers['www-authenticate']]).toEqual([status, code, 'Bearer']);
  });

  test('what cannot be is a problem with its code', async () => {
    const machine = await newGrant();
    const rows: [unknown, number, string][] = [
      [{ name: 'a b' }, 400, 'unsupported-attribute'], [{ name: 'Web', kind: 'http' }, 400, 'unsupported-attribute'], [{ name: 'x', port: 22 }, 400, 'unsupported-attribute'], [[], 400, 'bad-syntax'],
      [{ name: 'ssh', kind: 'http' }, 409, 'conflict'], [{ name: 'x'.repeat(5000) }, 413, 'body-too-large'],
    ];
    for (const [body, status, code] of rows) {
      const answer = await post(machine, body);
      expect([answer.status, answer.headers['content-type'], parsed(answer)['code']]).toEqual([status, 'application/problem+json', code]);
    }
    for (let index = 0; index < 8; index++) expect((await post(machine, { name: `s${index}` })).status).toBe(201);
    expect([(await post(machine, { name: 'more' })).status, parsed(await post(machine, { name: 'more' }))['code']]).toEqual([419, 'quota-exceeded']);
    expect((await ask({ method: 'DELETE', path: '/v1/grants/self/services/ssh', headers: bearer(machine) })).status).toBe(403);
    expect((await ask({ method: 'PUT', path: '/v1/grants/self', headers: bearer(machine) })).status).toBe(405);
  });

  test('the secret of a revoked grant is worth nothing', async () => {
    const machine = await newGrant();
    await fixture.queues.request('revoke-tunnels', { manager: MANAGER, ids: [machine.grant.id] }, 5000);
    expect((await ask({ path: '/v1/grants/self', headers: bearer(machine) })).status).toBe(401);
    expect((await post(machine, { name: 'x' })).status).toBe(401);
  });

  test('the original’s API answers in its words, to who knows the secret', async () => {
    const machine = await newGrant();
    const { id } = machine.grant;
    const say = async (method: string, path: string, authorization = `Bearer ${machine.secret}`): Promise<[number, string]> => {
      const { status, body } = await ask({ method, path, headers: { Authorization: authorization } });
      return [status, body];
    };
    const { dialPort, hostKey } = fixture.tunnel.endpoint;
    const [, sshPort] = await say('GET', `/token/${id}`);
    expect(await say('POST', `/token/${id}`)).toEqual([200, `${sshPort}:${dialPort}`]);
    const [status, made] = await say('POST', `/token/${id}-web-1`);
    const port = Number(made.split(':')[0]);
    expect([status, made]).toEqual([200, `${port}:${dialPort}`]);
    expect(await say('GET', `/token/${id}-web-1`, bearer(machine).Authorization)).toEqual([200, String(port)]);
    expect(await say('GET', `/token/${id}/all`)).toEqual([200, JSON.stringify({ ssh: Number(sshPort), 'web-1': port })]);
    expect(await say('GET', `/token/${id}-other`)).toEqual([404, '404 Port Not Found']);
    expect(await say('DELETE', `/token/${id}/${sshPort}`)).toEqual([405, 'Token can not delete this port']);
    expect(await say('DELETE', `/token/${id}-web-1/${sshPort}`)).toEqual([405, 'Token can not delete this port']);
    expect(await say('DELETE', `/token/${id}-web-1/${port}`)).toEqual([200, 'OK']);
    const [, key] = await say('GET', '/hostkey', '');
    expect(Buffer.from(key, 'base64').subarray(-32)).toEqual(Buffer.from(hostKey.split(' ')[1] ?? '', 'base64').subarray(-32));
    for (const path of ['/informations', '/token', '/token/', '/', '/token/a/b/c/d']) expect(await say('GET', path)).toEqual([405, '']);
    expect((await say('PATCH', `/token/${id}`))[0]).toBe(405);
  });

  test.each(['/token/../v1/status', '/token/%2e%2e', '/token/..%2f..%2fetc', '/token/a%00', `/token/${'a'.repeat(300)}`, '/v1/status', '/metrics', '/health/ready'])('%s leads nowhere', async (path) => {
    const answer = await ask({ path, headers: { Authorization: 'Bearer x' } });
    expect([401, 405]).toContain(answer.status);
  });

  test('the secret of one grant opens no other', async () => {
    const [mine, other] = [await newGrant(), await newGrant()];
    for (const authorization of [`Bearer ${mine.secret}`, bearer(mine).Authorization, `Bearer ${other.grant.id}.${mine.secret}`]) {
      expect((await ask({ path: `/token/${other.grant.id}/all`, headers: { Authorization: authorization } })).status).toBe(401);
    }
  });
});

describe('web services by name', () => {
  test('a request reaches the machine whole and says where it came from; its own port is not open to the world', async () => {
    const seen: IncomingMessage[] = [];
    const { host, machine } = await serveWeb((request, response) => {
      seen.push(request);
      response.writeHead(207, 'Well', ['X-A', '1', 'X-A', '2', 'Set-Cookie', `a=1; Domain=${DOMAIN}`, 'Connection', 'X-Hop', 'X-Hop', '1']);
      request.pipe(response);
    });
    const answer = await ask({ host: `${host}:${webPort}`, method: 'PUT', path: '/a/../b%2f?c=d', headers: { 'X-Forwarded-For': '6.6.6.6', 'X-Own': 'x' }, body: 'hello' });
    expect([answer.status, answer.response.statusMessage, answer.headers['x-a'], answer.headers['set-cookie'], answer.headers['x-hop'], answer.body]).toEqual([207, 'Well', '1, 2', ['a=1'], undefined, 'hello']);
    expect([seen[0]?.url, seen[0]?.headers]).toEqual(['/a/../b%2f?c=d', expect.objectContaining({ host: `${host}:${webPort}`, 'x-own': 'x', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': host, 'content-length': '5' })]);
    const port = parsed(await post(machine, { name: 'web', kind: 'http' }))['port'];
    // On the loopback it listens, but to this tunnel alone.
    const stranger = net.connect(Number(port), '127.0.0.1', () => stranger.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n${'x'.repeat(100)}`));
    stranger.on('error', () => undefined);
    await once(stranger, 'close');
    expect(seen).toHaveLength(1);
  });

  test('several requests share a connection, and one that the machine has closed meanwhile is not noticed', async () => {
    const ports = new Set<number | undefined>();
    const { host, server } = await serveWeb((request, response) => { ports.add(request.socket.remotePort); response.end('ok'); });
    for (let time = 0; time < 5; time++) expect((await ask({ host })).body).toBe('ok');
    expect(ports.size).toBe(1);
    server.closeIdleConnections();
    expect((await ask({ host })).body).toBe('ok');
  });

  test('bodies flow both ways while they come, and arrive whole', async () => {
    const { host } = await serveWeb((request, response) => {
      const hash = createHash('sha256');
      response.writeHead(200);
      response.write('first');
      request.on('data', (chunk: Buffer) => hash.update(chunk));
      request.on('end', () => response.end(hash.digest('hex')));
    });
    const sent = randomBytes(20_000_000);
    const request = open({ host, method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } });
    request.write(sent.subarray(0, 10));
    const [response] = await once(request, 'response') as [IncomingMessage];
    const [first] = await once(response, 'data') as [Buffer];
    expect(first.toString()).toBe('first');
    request.end(sent.subarray(10));
    expect(String((await once(response, 'data') as [Buffer])[0])).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  test('a user who does not read holds the machine back instead of filling the memory', async () => {
    let written = 0;
    const chunk = Buffer.alloc(1 << 20);
    let cut = (): void => undefined;
    const isCut = new Promise<void>((done) => { cut = done; });
    const { host } = await serveWeb((_request, response) => {
      response.once('close', cut);
      const more = (): void => { while (!response.destroyed && written < 200 && response.write(chunk)) written++; };
      response.on('drain', more);
      more();
    });
    const request = open({ host });
    request.end();
    const [response] = await once(request, 'response') as [IncomingMessage];
    response.pause();
    // Silent in both directions for as long as it is patient with: the machine could send no more.
    await isCut;
    expect(written).toBeLessThan(40);
    response.on('error', () => undefined);
    request.destroy();
  });

  test('a user who leaves takes his request with him', async () => {
    let left = (): void => undefined;
    const gone = new Promise<void>((resolve) => { left = resolve; });
    const { host } = await serveWeb((request, response) => { response.flushHeaders(); request.socket.once('close', left); });
    const request = open({ host });
    request.on('error', () => undefined).end();
    await once(request, 'response');
    request.destroy();
    await gone;
  });

  test('a WebSocket goes through in both directions', async () => {
    const { host, server } = await serveWeb((_request, response) => response.end());
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket, request) => { socket.send(String(request.headers['x-forwarded-proto'])); socket.on('message', (data) => socket.send(data)); });
    const socket = new WebSocket(`wss://127.0.0.1:${webPort}/chat`, { headers: { Host: host }, servername: host, ca: ca() } as ClientOptions);
    const heard: string[] = [];
    socket.on('message', (data: Buffer) => { heard.push(data.toString()); if (heard.length < 3) socket.send(`said ${heard.length}`); else socket.close(); });
    await once(socket, 'close');
    expect(heard).toEqual(['https', 'said 1', 'said 2']);
    sockets.close();
  });

  test('a WebSocket that the service does not want is refused in its words', async () => {
    const { host } = await serveWeb((_request, response) => response.writeHead(403, { 'Content-Type': 'text/plain' }).end('not here'));
    const socket = new WebSocket(`wss://127.0.0.1:${webPort}/chat`, { headers: { Host: host }, servername: host, ca: ca() } as ClientOptions);
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response') as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(403);
    socket.terminate();
  });

  test.each([
    ['a name that nobody has', (host: string) => ({ host: `x${host}` }), 404], ['a name below it', (host: string) => ({ host: `a.${host}`, sni: host }), 404],
    ['the target of a proxy', (host: string) => ({ host, path: 'http://other.example/' }), 400], ['HTTP/2 without TLS', (host: string) => ({ host, headers: { Connection: 'Upgrade', Upgrade: 'h2c' } }), 400],
  ])('%s is refused', async (_what, asked, status) => {
    let count = 0;
    const { host } = await serveWeb((_request, response) => { count++; response.end(); });
    const answer = await ask(asked(host));
    expect([answer.status, answer.headers['content-type'], count]).toEqual([status, 'text/html; charset=utf-8', 0]);
    expect(answer.body).not.toContain(host);
  });

  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'], ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'], ['a chunked that is not last', 'Transfer-Encoding: chunked, identity\r\n'],
    ['a blank in a name', 'X : 1\r\n'], ['two hosts', 'Host: other\r\n'], ['a header without end', `X: ${'x'.repeat(40_000)}\r\n`],
  ])('a request with %s never reaches the machine', async (_what, header) => {
    let count = 0;
    const { host } = await serveWeb((_request, response) => { count++; response.end(); });
    const socket = tls.connect({ host: '127.0.0.1', port: webPort, servername: host, ca: ca() });
    socket.on('error', () => undefined);
    socket.write(`POST / HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    socket.resume();
    await once(socket, 'close');
    expect(count).toBe(0);
  });

  test('a client that never ends its header is cut', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port: webPort, servername: DOMAIN, ca: ca() });
    socket.on('error', () => undefined).write('GET / HTTP/1.1\r\nHost: x\r\n');
    socket.resume();
    await once(socket, 'close');
  });

  test('a machine that is away is 503, one that answers nonsense 502, one that is silent 504', async () => {
    const { host, machine, run } = await serveWeb((request, response) => {
      if (request.url === '/nonsense') request.socket.end('what?\r\n\r\n');
      if (request.url === '/hello') response.end('hello');
    });
    expect((await ask({ host, path: '/nonsense' })).status).toBe(502);
    expect((await ask({ host, path: '/silent' })).status).toBe(504);
    run.child.kill();
    await run.exit;
    await fixture.event((event) => event.type === 'service-down' && event.grantId === machine.grant.id);
    const away = await ask({ host, path: '/hello' });
    expect([away.status, away.headers['retry-after'], away.headers['cache-control']]).toEqual([503, '5', 'no-store']);
    const back = await serveWeb((_request, response) => response.end('back'), machine);
    expect((await ask({ host: back.host })).body).toBe('back');
  });

  test('another program on the port of a machine that is away is not taken for it', async () => {
    const machine = await newGrant();
    const { port } = parsed(await post(machine, { name: 'web', kind: 'http' }));
    let asked = 0;
    const thief = http.createServer((_request, response) => { asked++; response.end('mine'); }).listen(Number(port), '127.0.0.1');
    thief.on('clientError', (_error, socket) => socket.destroy());
    servers.push(thief);
    expect([(await ask({ host: hostOf(machine) })).status, asked]).toEqual([503, 0]);
  });

  test('a service that is removed is gone at once, for its users too', async () => {
    const { host, machine } = await serveWeb((_request, response) => { response.write('a stream'); });
    const request = open({ host });
    request.end();
    const [response] = await once(request, 'response') as [IncomingMessage];
    const ended = new Promise((done) => { response.on('error', done).resume(); });
    await ask({ method: 'DELETE', path: '/v1/grants/self/services/web', headers: bearer(machine) });
    expect((await ask({ host })).status).toBe(404);
    await ended;
  });

  test('a certificate of its own is used for its name, and a new one without a restart', async () => {
    const fingerprint = (name: string | undefined): Promise<string> => new Promise((done, failed) => {
      const socket = tls.connect({ host: '127.0.0.1', port: webPort, ...(name ? { servername: name } : {}), rejectUnauthorized: false }, () => { done(socket.getPeerCertificate().fingerprint256); socket.destroy(); });
      socket.on('error', failed);
    });
    const own = `own--${newId()}.${DOMAIN}`;
    const before = await fingerprint(own);
    makeCertificate(certificates, 'own', [`DNS:${own}`]);
    while (await fingerprint(own) === before) await new Promise((done) => { setImmediate(done); });
    const first = await fingerprint(own);
    // In the middle of a renewal the pair does not fit; what was before stays in force.
    makeCertificate(certificates, 'next', [`DNS:${own}`]);
    renameSync(join(certificates, 'next.crt'), join(certificates, 'own.crt'));
    expect(await fingerprint(own)).toBe(first);
    renameSync(join(certificates, 'next.key'), join(certificates, 'own.key'));
    while (await fingerprint(own) === first) await new Promise((done) => { setImmediate(done); });
    expect(await fingerprint(`web--x.${DOMAIN}`)).toBe(before);
    makeCertificate(certificates, 'a-first', ['DNS:first.localhost']);
    while (await fingerprint(undefined) === first) await new Promise((done) => { setImmediate(done); });
    const unnamed = await fingerprint(undefined);
    makeCertificate(certificates, 'a-first', ['DNS:first.localhost']);
    while (await fingerprint(undefined) === unnamed) await new Promise((done) => { setImmediate(done); });
  });
});

test('the SSH service of a machine with web services is reached as before', async () => {
  const machine = await newGrant();
  await post(machine, { name: 'web', kind: 'http' });
  const [port = 0] = await grantPorts(fixture, machine);
  expect(await answers(port)).toBe(false);
});
