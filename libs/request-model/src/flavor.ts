/** The size of a machine. RAM in MB, disk in GB (spec §1.13). */
export interface Size {
  readonly vcpu: number;
  readonly ramMb: number;
  readonly diskGb: number;
}

export interface Flavor extends Size {
  readonly name: string;
}

/** Spec §1.13: relative weight `cpu1/cpu2 + mem1/mem2` against its mirror; a tie is broken by disk, then by name. */
export function compareFlavors(left: Flavor, right: Flavor): number {
  const weight = (a: Flavor, b: Flavor): number => a.vcpu / b.vcpu + a.ramMb / b.ramMb;
  return weight(left, right) - weight(right, left) || left.diskGb - right.diskGb || left.name.localeCompare(right.name);
}

const VCPUS_OF_ONE = 8;
const MB_OF_ONE = 16 * 1024;

/** Spec §2.5, Vanilla: the power of a machine that nobody measured; 8 vCPUs with 16 GB are one. */
export const powerOfSize = ({ vcpu, ramMb }: Pick<Size, 'vcpu' | 'ramMb'>): number => (vcpu / VCPUS_OF_ONE + ramMb / MB_OF_ONE) / 2;
