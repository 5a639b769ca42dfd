import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { silentLogger } from '@fogbow/service-runtime';
import { createXmppLink } from './xmpp-link.js';

const HEADER = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='a.test' id='7'>";
let folder: string;
let server: Server;
let ca: string;
let heard = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-component-tls-'));
  const [certificate, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate]);
  ca = readFileSync(certificate, 'utf8');
  heard = '';
  server = createServer({ cert: ca, key: readFileSync(key) }, (socket) => {
    socket.setEncoding('utf8').on('error', () => undefined).on('data', (text: string) => {
      heard += text;
      if (text.includes('<stream:stream')) socket.write(HEADER);
      if (text.includes('<handshake')) socket.write('<handshake/>');
    });
  }).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterEach(async () => {
  await new Promise((resolve) => { server.close(resolve); });
  rmSync(folder, { recursive: true });
});

const open = (options: { readonly host: string; readonly ca?: string }) => createXmppLink({
  jid: 'a.test', port: (server.address() as AddressInfo).port, secret: 's', tls: true, log: silentLogger, reconnect: { baseMs: 5, capMs: 20 }, ...options,
});

it('speaks TLS from the first byte', async () => {
  const link = open({ host: 'localhost', ca });
  await link.start();
  expect(link.connected()).toBe(true);
  await link.stop();
  expect(heard).toContain('<handshake>');
});

it.each([['a certificate that nobody it trusts has signed', 'localhost', false], ['a certificate of another name', '127.0.0.1', true]])('says nothing to %s', async (_what, host, trusts) => {
  const link = open({ host, ...(trusts ? { ca } : {}) });
  await link.start();
  expect(link.connected()).toBe(false);
  await link.stop();
  expect(heard).toBe('');
});
