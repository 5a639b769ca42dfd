import type { MemberStatus } from '@fogbow/messaging';
import type { Quota } from '@fogbow/request-model';

/** For what has no limit: the largest number that Managers of those days could read. */
const NO_LIMIT = 2_147_483_647;

/** What Managers until 2015 said of their clouds with every announcement (spec §3.1); memory in MiB. */
export function oldStatus({ limit, used }: Quota): MemberStatus {
  const idle = (key: 'vcpu' | 'ramMb' | 'instances'): string => String(Number.isFinite(limit[key]) ? Math.max(0, limit[key] - used[key]) : NO_LIMIT);
  return {
    cpuIdle: idle('vcpu'), cpuInUse: String(used.vcpu), memIdle: idle('ramMb'), memInUse: String(used.ramMb),
    instancesIdle: idle('instances'), instancesInUse: String(used.instances),
  };
}
