import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import type { OpenStackHttp } from './openstack-http.js';
import { createRememberedList } from './remembered-list.js';

/** Networks that the operator names in the settings, by name or id. */
export interface NeutronNames {
  idOf(nameOrId: string, setting: string, call: CloudCall): Promise<string>;
}

interface Named { readonly id: string; readonly name: string }

const KEPT_MS = 600_000;

export function createNeutronNames(http: OpenStackHttp, now: () => Date): NeutronNames {
  const networks = createRememberedList<Named>({ keptForMs: KEPT_MS, now });
  return {
    async idOf(nameOrId, setting, call) {
      const read = (): Promise<Named[]> => http.list<Named>('network', { path: '/networks', key: 'networks', query: { fields: ['id', 'name'] } }, call);
      const found = await networks.look(read, (all) => all.find(({ id }) => id === nameOrId) ?? all.find(({ name }) => name === nameOrId));
      if (!found) throw new FogbowError('cloud-rejected', `OpenStack has no network ${nameOrId}, which the setting ${setting} of cloud-openstack names.`);
      return found.id;
    },
  };
}
