import { findPrograms } from '@fogbow/embedded-servers';
import { spawnSync } from 'node:child_process';

const PROGRAMS = { ip: 'iproute2', tc: 'iproute2', nft: 'nftables', sysctl: 'procps', setpriv: 'util-linux', ssh: 'openssh-client', prosody: 'prosody' };

/** One sentence on why hosts cannot be made here; undefined when they can. */
export function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Hosts of their own can only be made by root on Linux (CAP_NET_ADMIN and CAP_SYS_ADMIN).';
  const packages = Object.entries(PROGRAMS).filter(([name]) => findPrograms(name).length === 0).map(([, from]) => from);
  if (['redis-server', 'valkey-server'].flatMap(findPrograms).length === 0) packages.push('redis-server');
  if (packages.length > 0) return `Programs are missing: apt-get install ${[...new Set(packages)].join(' ')}.`;
  return whyNoNamespaces();
}

/** A container's root may have no right to it. */
function whyNoNamespaces(): string | undefined {
  const name = `fogbow-${process.pid}-try`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8', timeout: 10_000 });
  if (made.status !== 0) return `Network namespaces cannot be made here: ${made.error?.message ?? made.stderr.trim().split('\n')[0]}.`;
  const filtered = spawnSync('ip', ['netns', 'exec', name, 'nft', 'add', 'table', 'inet', 'wall'], { encoding: 'utf8', timeout: 10_000 });
  spawnSync('ip', ['netns', 'delete', name], { timeout: 10_000 });
  return filtered.status === 0 ? undefined : `Packets cannot be filtered in network namespaces here: ${filtered.error?.message ?? filtered.stderr.trim().split('\n')[0]}.`;
}
