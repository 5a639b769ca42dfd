import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openstackFiles } from './openstack-config.js';
import { layOut } from './openstack-layout.js';

const folder = mkdtempSync(join(tmpdir(), 'fogbow-layout-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps the ports that the catalogue names, and says whose port is taken', async () => {
  const first = await layOut(folder);
  expect(new Set(Object.values(first.ports)).size).toBe(9);
  expect((await layOut(folder)).ports).toEqual(first.ports);
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(first.ports.nova, '127.0.0.1', resolve));
  await expect(layOut(folder)).rejects.toThrow(`The port ${first.ports.nova} of nova is taken`);
  await new Promise((resolve) => squatter.close(resolve));
});

it('configures every service for loopback, and Nova’s compute service without databases', async () => {
  const files = openstackFiles(await layOut(folder));
  expect(files['etc/nova.conf']).toContain('[api_database]');
  expect(files['etc/nova-compute.conf']).not.toContain('database]');
  for (const name of ['nova', 'neutron', 'glance', 'cinder']) expect(files[`etc/${name}.conf`]).toMatch(/(bind_host|_listen) = 127\.0\.0\.1/);
  expect(JSON.parse(readFileSync(join(folder, 'layout.json'), 'utf8'))).toHaveProperty('secret');
});
