import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exchange, grantPorts, newMachine, serveBanner, startFixture } from './testing/tunnel-fixture.js';

const DBCLIENT = '/usr/bin/dbclient';

/** Dropbear sends the first message of a key exchange on a guess, which ssh2 gets wrong; see KEX in session-worker.ts. */
(existsSync(DBCLIENT) ? test : test.skip)('dropbear gets in (Debian package dropbear-bin)', async () => {
  const fixture = await startFixture(process.env['TEST_REDIS_URL'] ?? '');
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const banner = await serveBanner();
  const { dialHost, dialPort, hostKey } = fixture.tunnel.endpoint;
  mkdirSync(join(fixture.folder, '.ssh'));
  writeFileSync(join(fixture.folder, '.ssh/known_hosts'), `${dialHost} ${hostKey}\n`);
  const child = spawn(DBCLIENT, ['-N', '-T', '-p', String(dialPort), '-R', `0.0.0.0:${port}:127.0.0.1:${banner.port}`, '-l', machine.grant.id, dialHost], {
    env: { PATH: process.env['PATH'], HOME: fixture.folder, DROPBEAR_PASSWORD: machine.secret }, stdio: 'ignore',
  });
  const ended = new Promise((done) => { child.once('close', done); });
  await fixture.event((event) => event.type === 'service-up');
  expect((await exchange(port, '')).toString()).toContain('SSH-2.0-test');
  child.kill();
  await ended;
  banner.close();
  await fixture.close();
}, 20_000);
