import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import type { Size } from '@fogbow/request-model';
import { chooseNovaFlavor } from './choose-flavor.js';
import type { NovaFlavor } from './choose-flavor.js';
import type { OpenStackHttp } from './openstack-http.js';
import { createRememberedList } from './remembered-list.js';

export interface NovaFlavors {
  /** cloud-rejected when none has the room. */
  fitting(size: Size, call: CloudCall): Promise<NovaFlavor>;
  forget(): void;
}

const KEPT_MS = 600_000;

export function createNovaFlavors(http: OpenStackHttp, now: () => Date): NovaFlavors {
  const kept = createRememberedList<NovaFlavor>({ keptForMs: KEPT_MS, now });
  return {
    async fitting(size, call) {
      const read = (): Promise<NovaFlavor[]> => http.list('compute', { path: '/flavors/detail', key: 'flavors' }, call);
      const found = await kept.look(read, (flavors) => chooseNovaFlavor(flavors, size));
      if (!found) throw new FogbowError('cloud-rejected', `No flavor of this OpenStack has ${size.vcpu} vCPU, ${size.ramMb} MB of RAM and ${size.diskGb} GB of disk.`);
      return found;
    },
    forget: () => kept.forget(),
  };
}
