import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALL, createLocalFixture, userOf } from '../local-cloud-fixture.js';
import type { LocalFixture } from '../local-cloud-fixture.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
beforeAll(async () => {
  fixture = await createLocalFixture();
});
afterAll(() => fixture.dispose());

it('carries out its user data, goes on after a failure, and tells it all on the console', async () => {
  const directory = join(fixture.folder, 'cloud');
  const cloud = fixture.cloud({ directory });
  const config = '#cloud-config\nwrite_files:\n  - { path: /home/fogbow/greeting, content: hello }\n  - { path: /etc/x, content: no }\nruncmd: ["echo ran > ~/ran", "mkfifo ~/finished; : > ~/finished"]\n';
  const { id } = await cloud.compute.create(fixture.request('boot', [
    userOf(fixture.publicKey),
    { contentType: 'text/x-shellscript', content: '#!/bin/sh\necho "from a script: $(cat ~/greeting) $FOGBOW_LOCAL_SSH_PORT"\nexit 4\n' },
    { contentType: 'text/cloud-config', content: config },
    { contentType: 'text/part-handler', content: '#part-handler' },
  ]), CALL);
  const { port } = await fixture.active(cloud, id);
  const { stdout } = await fixture.ssh(port, 'until [ -p finished ]; do sleep 0.01; done; cat finished ran greeting');
  expect(stdout).toBe('ran\nhello');
  const console = readFileSync(join(directory, 'machines', 'test-boot', 'console.log'), 'utf8');
  for (const line of ['isolates nothing', `from a script: hello ${port}`, 'script failed: it exited with status 4', 'file failed: /etc/x lies outside', 'text/part-handler is not understood']) {
    expect(console).toContain(line);
  }
});

it('answers its first login less than a second and a half after its create, on a busy host', async () => {
  const cloud = fixture.cloud();
  const begin = performance.now();
  const { id } = await cloud.compute.create(fixture.request('quick'), CALL);
  const { port } = await fixture.active(cloud, id);
  const boot = performance.now() - begin;
  expect((await fixture.ssh(port, 'true')).status).toBe(0);
  if (process.env['FOGBOW_TIMES']) console.log(`boot ${boot.toFixed(0)} ms, login ${(performance.now() - begin).toFixed(0)} ms`);
  expect(boot).toBeLessThan(1500);
});
