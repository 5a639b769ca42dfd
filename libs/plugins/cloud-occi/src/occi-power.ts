import { FogbowError } from '@fogbow/plugin-contracts';
import type { ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import { inNameOf } from './endpoint-client.js';
import type { OcciEndpoint } from './endpoint-client.js';
import { COMPUTE_ACTIONS } from './occi-names.js';
import { isId } from './occi-resource.js';

export function createPower(endpoint: OcciEndpoint, actions: readonly PowerAction[]): ComputePower {
  return {
    actions,
    async perform(id, action, call) {
      if (!actions.includes(action)) throw new FogbowError('method-not-allowed', `This OCCI endpoint is not asked to ${action} machines; see cloud.settings.powerActions.`);
      if (!isId(id)) throw new FogbowError('not-found', 'There is no such machine at the OCCI endpoint.');
      // A restart that is repeated is two.
      const isRepeatable = action !== 'restart';
      await endpoint.ask({ method: 'POST', path: `/compute/${encodeURIComponent(id)}?action=${action}`, ...inNameOf(call), isRepeatable, body: { action: COMPUTE_ACTIONS + action } });
    },
  };
}
