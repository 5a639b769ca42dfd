import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** All of OpenStack "Zed" that a project sees, as Debian 12 packages it; the rest is run from these packages' Python modules. */
const PACKAGES = [
  'python3-keystone', 'python3-placement', 'glance-common', 'nova-common', 'neutron-common', 'cinder-common', 'python3-pymysql', 'rabbitmq-server', 'mariadb-server',
];
/** Debian's own word against services that start themselves when they are installed. */
const POLICY = '/usr/sbin/policy-rc.d';
const INSTALL_MS = 900_000;

const isInstalled = (name: string): boolean => spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout?.includes('ok installed') === true;

/** One sentence on why no OpenStack can run here; undefined when it can, after what was missing has been installed. */
export function whyNoOpenStack(say: (line: string) => void, mayInstall = true): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/dpkg-query')) return 'The OpenStack of the tests comes from the packages of Debian 12.';
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length === 0) return undefined;
  const advice = `Packages are missing: apt-get install --no-install-recommends ${missing.join(' ')}.`;
  if (!mayInstall || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return advice;
  say(`Installing ${missing.join(', ')} (two minutes)`);
  return install(missing) ? undefined : advice;
}

function install(names: readonly string[]): boolean {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args: string[]): boolean => spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=600', '-qq', ...args], { env, stdio: 'ignore', timeout: INSTALL_MS }).status === 0;
    return apt('update') && apt('install', '-y', '--no-install-recommends', ...names);
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
}
