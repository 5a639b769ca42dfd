import type { Size } from '@fogbow/request-model';

/** A flavor of Nova as `GET /flavors/detail` shows it. */
export interface NovaFlavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  /** MB. */
  readonly ram: number;
  /** GB; 0 where the disk is as large as the image. */
  readonly disk: number;
}

/**
 * Pure: the smallest flavor that has room for the size: least vCPU, then RAM, then disk, then by name. The Manager has chosen its
 * own flavor before; Nova's flavors are only the steps that machines of this cloud come in.
 */
export function chooseNovaFlavor(flavors: readonly NovaFlavor[], { vcpu, ramMb, diskGb }: Size): NovaFlavor | undefined {
  return flavors
    .filter(({ vcpus, ram, disk }) => vcpus >= vcpu && ram >= ramMb && disk >= diskGb)
    .sort((left, right) => left.vcpus - right.vcpus || left.ram - right.ram || left.disk - right.disk || left.name.localeCompare(right.name))[0];
}

export const sizeOf = ({ vcpus, ram, disk }: Pick<NovaFlavor, 'vcpus' | 'ram' | 'disk'>): Size => ({ vcpu: vcpus, ramMb: ram, diskGb: disk });
