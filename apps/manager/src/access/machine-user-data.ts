import { stringify } from 'yaml';
import type { UserDataPart } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import { tunnelBootstrap } from './tunnel-bootstrap.js';
import type { TunnelOfMachine } from './tunnel-of-machine.js';

export interface UserDataInput {
  readonly order: Pick<OrderRecord, 'spec'>;
  readonly tunnel: TunnelOfMachine | undefined;
  readonly sshUsername: string;
  /** What lets the Manager in for one measurement; absent: nothing does. */
  readonly probe?: UserDataPart | undefined;
}

const SSH_PORT = 22;

/**
 * The parts of cloud-init user data of spec §1.14, in its order: the script that dials the tunnel, the account with
 * the user's key, then the user's own parts. A key of the Manager goes into the machine for a measurement only, and first, so that it is there when the tunnel is.
 */
export function machineUserData({ order, tunnel, sshUsername, probe }: UserDataInput): readonly UserDataPart[] {
  const parts: UserDataPart[] = probe ? [probe] : [];
  if (tunnel) {
    // What a machine added by itself it knows from its own disk.
    const services = tunnel.services.filter((service) => !service.byMachine).map((service) => ({ ...service, localPort: SSH_PORT }));
    const { endpoints, grantId, secret } = tunnel;
    parts.push({ contentType: 'text/x-shellscript', content: tunnelBootstrap({ endpoints, grantId, secret, services }) });
  }
  const { publicKey } = order.spec;
  if (publicKey || probe) parts.push({ contentType: 'text/cloud-config', content: accountConfig(sshUsername, publicKey ? [publicKey.trim()] : []) });
  return [...parts, ...order.spec.userData ?? []];
}

/** The key goes through a YAML writer, never through a shell line. */
function accountConfig(name: string, keys: readonly string[]): string {
  const account = { name, sudo: 'ALL=(ALL) NOPASSWD:ALL', shell: '/bin/bash', lock_passwd: true, ...(keys.length > 0 ? { ssh_authorized_keys: keys } : {}) };
  return `#cloud-config\n${stringify({ users: ['default', account] })}`;
}
