import { addressIn } from '../two-hosts/layout.js';
import type { Layout } from '../two-hosts/layout.js';

export type InstallHost = 'workstation' | 'internal' | 'external' | 'cloud';
type Switch = 'lan' | 'internet';

/** The addresses that docs/install.md names. The workstation is also where a user sits, who reaches the Internet. */
export const INSTALL: Layout<InstallHost, Switch> = {
  prefix: 'fogbow-in', hosts: ['workstation', 'internal', 'external', 'cloud'], switches: { lan: { nameServer: '10.0.0.53/16' }, internet: { nameServer: '198.51.100.53/24' } },
  plugs: [
    { host: 'workstation', into: 'lan', device: 'lan', address: '10.0.0.9', mask: 16 },
    { host: 'internal', into: 'lan', device: 'lan', address: '10.0.0.5', mask: 16 },
    { host: 'cloud', into: 'lan', device: 'lan', address: '10.0.0.20', mask: 16 },
    { host: 'external', into: 'lan', device: 'lan', address: '10.0.1.7', mask: 16 },
    { host: 'workstation', into: 'internet', device: 'world', address: '198.51.100.20' },
    { host: 'external', into: 'internet', device: 'world', address: '198.51.100.7' },
  ],
};

export const NAME_SERVER = '10.0.0.53';
export const addressOf = (host: InstallHost): string => addressIn(INSTALL, host, 'lan');
