import type { OrderInstance, ServiceAddress } from '@fogbow/request-model';
import type { InstanceState } from '@fogbow/plugin-contracts';
import type { InstanceReport } from '@fogbow/messaging';

const SSH_ADDRESS = 'org.fogbowcloud.order.ssh-public-address';
const SSH_USERNAME = 'org.fogbowcloud.order.ssh-username';
const LOCAL_ADDRESS = 'org.fogbowcloud.order.local-ip-address';

/** The states of spec §1.8 on the wire. */
const TO_WIRE: Record<InstanceState, string> = { inactive: 'PENDING', active: 'RUNNING', suspended: 'SUSPENDED', failed: 'FAILED' };
const FROM_WIRE: Record<string, InstanceState> = { RUNNING: 'active', SUSPENDED: 'suspended', FAILED: 'failed' };

/** What a provider says of an instance (spec §1.8, §3.1 getinstance). */
export function toInstanceReport(instance: OrderInstance, state: InstanceState): InstanceReport {
  return {
    instanceId: instance.id,
    state: TO_WIRE[state],
    attributes: {
      'occi.core.id': instance.id,
      ...(instance.sshAddress ? { [SSH_ADDRESS]: `${instance.sshAddress.host}:${instance.sshAddress.port}` } : {}),
      ...(instance.sshUsername ? { [SSH_USERNAME]: instance.sshUsername } : {}),
      ...(instance.localAddress ? { [LOCAL_ADDRESS]: instance.localAddress } : {}),
    },
  };
}

export function fromInstanceReport(report: InstanceReport): { readonly instance: OrderInstance; readonly state: InstanceState } {
  const sshAddress = parseAddress(report.attributes[SSH_ADDRESS]);
  const sshUsername = report.attributes[SSH_USERNAME];
  const localAddress = report.attributes[LOCAL_ADDRESS];
  return {
    state: FROM_WIRE[report.state ?? ''] ?? 'inactive',
    instance: { id: report.instanceId, ...(sshAddress ? { sshAddress } : {}), ...(sshUsername ? { sshUsername } : {}), ...(localAddress ? { localAddress } : {}) },
  };
}

function parseAddress(text: string | undefined): ServiceAddress | undefined {
  const match = /^(.+):(\d{1,5})$/.exec(text ?? '');
  return match ? { host: match[1] as string, port: Number(match[2]) } : undefined;
}
