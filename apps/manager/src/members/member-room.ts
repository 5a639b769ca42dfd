import type { MemberStatus } from '@fogbow/messaging';
import type { Amount, Quota } from '@fogbow/request-model';

/** What a member says that is free in its cloud: machines, vCPUs, MiB of memory. */
export type ToldRoom = Pick<Amount, 'instances' | 'vcpu' | 'ramMb'>;

/** For what has no limit: the largest number that Managers until 2015 could read. */
const NO_LIMIT = 2_147_483_647;

/** What Managers until 2015 said of their clouds with every announcement (spec §3.1), and ours say again; memory in MiB. */
export function statusOf({ limit, used }: Quota): MemberStatus {
  const idle = (key: keyof ToldRoom): string => String(Number.isFinite(limit[key]) ? Math.max(0, limit[key] - used[key]) : NO_LIMIT);
  return {
    cpuIdle: idle('vcpu'), cpuInUse: String(used.vcpu), memIdle: idle('ramMb'), memInUse: String(used.ramMb),
    instancesIdle: idle('instances'), instancesInUse: String(used.instances),
  };
}

/** The room in what another member says; undefined where it says nothing that can be read. */
export function roomOf({ instancesIdle, cpuIdle, memIdle }: MemberStatus): ToldRoom | undefined {
  const [instances = NaN, vcpu = NaN, ramMb = NaN] = [instancesIdle, cpuIdle, memIdle].map((text) => (/^\d{1,15}$/.test(text ?? '') ? Number(text) : NaN));
  return Number.isNaN(instances + vcpu + ramMb) ? undefined : { instances, vcpu, ramMb };
}
