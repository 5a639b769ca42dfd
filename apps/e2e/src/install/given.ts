import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneRoot } from '../start-federation.js';
import { run } from '../two-hosts/images.js';
import type { EngineCloud } from '../two-hosts/members.js';
import type { CleanHost } from './clean-host.js';
import { addressOf } from './layout.js';

/**
 * What the page takes for granted: ssh from the workstation to both hosts as root; on the workstation Node and npm (this machine's), a clone, and the certificates that the
 * cloud's people gave.
 */
export async function giveWhatIsThere(hosts: ReadonlyMap<string, CleanHost>, cloud: EngineCloud, folder: string): Promise<void> {
  const key = join(folder, 'id_ed25519');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'root@workstation', '-f', key]);
  for (const name of ['internal', 'external'] as const) await openSsh(hosts.get(name) as CleanHost, addressOf(name), `${key}.pub`);
  const workstation = hosts.get('workstation') as CleanHost;
  const ssh = workstation.path('/root/.ssh');
  for (const [from, to] of [[key, 'id_ed25519'], [`${key}.pub`, 'id_ed25519.pub']] as const) copyFileSync(from, join(ssh, to));
  writeFileSync(join(ssh, 'config'), 'StrictHostKeyChecking accept-new\n');
  await giveNode(workstation);
  mkdirSync(workstation.path('/root/cloud'));
  for (const file of cloud.files) copyFileSync(join(cloud.folder, file), workstation.path(`/root/cloud/${file}`));
  await run('git', ['clone', '-q', '--no-hardlinks', cloneRoot(), join(folder, 'fogbow')]);
  // git resolves paths by itself, and would leave the host.
  await run('cp', ['-a', join(folder, 'fogbow'), workstation.path('/root/')]);
}

async function openSsh(host: CleanHost, address: string, publicKey: string): Promise<void> {
  copyFileSync(publicKey, host.path('/root/.ssh/authorized_keys'));
  await host.type('mkdir -p /run/sshd && ssh-keygen -A');
  await host.serve('sshd', '/usr/sbin/sshd', ['-D', '-e', '-o', `ListenAddress=${address}`], async () => (await host.type('ss -Hltn sport = :22')).includes(':22'));
}

/** npm lies beside Node. Whose registry needs an authority of its own, has npm's setting `cafile` for it. */
async function giveNode(host: CleanHost): Promise<void> {
  copyFileSync(process.execPath, host.path('/usr/local/bin/node'));
  const npm = dirname(dirname(await run('readlink', ['-f', await run('sh', ['-c', 'command -v npm'])])));
  cpSync(npm, host.path('/usr/local/lib/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) await host.type(`ln -s ../lib/npm/bin/${name}-cli.js /usr/local/bin/${name}`);
  const cafile = await run('npm', ['config', 'get', 'cafile']);
  const file = /^\/.*$/m.exec(cafile)?.[0];
  if (file === undefined) return;
  writeFileSync(host.path('/etc/npm-ca.pem'), readFileSync(file));
  writeFileSync(host.path('/root/.npmrc'), 'cafile=/etc/npm-ca.pem\n');
}
