import { findPrograms, installPackage, whyNoContainerEngine } from '@fogbow/embedded-servers';

export { SKIPPED } from '../run-story.js';

const PROGRAMS = { 'docker-compose': 'docker-compose', dnsmasq: 'dnsmasq-base', nft: 'nftables', ip: 'iproute2', sysctl: 'procps', openssl: 'openssl', ssh: 'openssh-client' };

/** One sentence on why two hosts cannot be made here; undefined when they can. Missing Debian packages are installed where that is allowed. */
export function whatIsMissing(install: boolean, log: (line: string) => void): string | undefined {
  const noEngine = whyNoContainerEngine(install, log);
  if (noEngine !== undefined) return noEngine;
  const missing = (): string[] => [...new Set(Object.entries(PROGRAMS).filter(([name]) => findPrograms(name).length === 0).map(([, from]) => from))];
  if (install) for (const name of missing()) installPackage(name, log);
  return missing().length > 0 ? `Programs are missing: apt-get install ${missing().join(' ')}.` : undefined;
}
