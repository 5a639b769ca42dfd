import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { closeServer, createHttpServer, listen } from './http-server.js';
import { keepFresh, readTlsFiles } from './tls-files.js';

// Certificates are made with openssl (Debian has it with ca-certificates).
const testTls = spawnSync('openssl', ['version']).status === 0 ? test : test.skip;
let folder: string;
const at = (name: string): string => join(folder, name);
const files = () => ({ certificateFile: at('now.crt'), keyFile: at('now.key') });

function make(name: string): string {
  spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)]);
  return readFileSync(at(`${name}.crt`), 'utf8');
}
function install(name: string): void {
  copyFileSync(at(`${name}.crt`), at('now.crt'));
  copyFileSync(at(`${name}.key`), at('now.key'));
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-tls-files-'));
  make('first');
  install('first');
});
afterEach(() => rmSync(folder, { recursive: true }));

testTls('HTTPS answers', async () => {
  const server = createHttpServer(express().get('/', (_request, response) => void response.send('here')), { tls: files() });
  const port = await listen(server, '127.0.0.1', 0);
  const text = await new Promise<string>((resolve, reject) => {
    get({ host: 'localhost', port, ca: readFileSync(at('first.crt')) }, (response) => response.on('data', (bytes: Buffer) => resolve(String(bytes)))).on('error', reject);
  });
  expect(text).toBe('here');
  await closeServer(server, 100);
});

testTls('a client that says nothing, or stops in its handshake, does not keep the server from closing', async () => {
  const server = createHttpServer(express(), { tls: files() });
  const port = await listen(server, '127.0.0.1', 0);
  for (const said of ['', '\u0016\u0003\u0001']) {
    const accepted = once(server, 'connection');
    connect(port, '127.0.0.1').on('error', () => undefined).write(said);
    await accepted;
  }
  await closeServer(server, 20);
  expect(server.listening).toBe(false);
});

testTls('a renewed pair is handed over', async () => {
  const renewed = make('second');
  const taken = new Promise<void>((resolve) => {
    const stop = keepFresh(files(), (context) => { expect(context.cert).toBe(renewed); stop(); resolve(); }, 5);
  });
  install('second');
  await taken;
});

testTls('a pair that does not fit together yet is not taken, and is told once', async () => {
  make('second');
  const faults: string[] = [];
  const taken: string[] = [];
  let stop = (): void => undefined;
  const healed = new Promise<void>((resolve) => {
    stop = keepFresh({ ...files(), onRenewal: (fault) => {
      if (fault) { faults.push(fault.message); copyFileSync(at('second.key'), at('now.key')); } else resolve();
    } }, ({ cert }) => taken.push(cert), 5);
  });
  copyFileSync(at('second.crt'), at('now.crt'));
  await healed;
  stop();
  expect(faults).toHaveLength(1);
  expect(taken).toHaveLength(1);
});

testTls('what is no pair is refused at the start', () => {
  writeFileSync(at('now.key'), 'no key');
  expect(() => readTlsFiles(files())).toThrow();
  expect(() => createHttpServer(express(), { tls: files() })).toThrow();
});
