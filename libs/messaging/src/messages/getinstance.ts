import { FogbowError } from '@fogbow/plugin-contracts';
import type { FederationMessage } from '../federation-message.js';
import { childElement, childElements, element, textOf } from '../xml/element.js';
import { optionalText, requiredInstanceId, requiredText } from './read-payload.js';

export interface InstanceQuery {
  /** Within the provider's cloud. */
  readonly instanceId: string;
}

export interface InstanceReport {
  readonly instanceId: string;
  /** In the words of the original, such as RUNNING, PENDING or FAILED; absent where the provider does not know. */
  readonly state?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const namespace = 'http://fogbowcloud.org/manager/getinstance';
/** How the original writes an unknown state. */
const NO_STATE = 'null';

/** Requester → provider: how is the instance (spec §3.1). A gone or foreign instance → not-found. Links and resources of originals are skipped. */
export const GETINSTANCE: FederationMessage<InstanceQuery, InstanceReport> = {
  name: 'getinstance',
  namespace,
  iqType: 'get',
  encodeRequest: ({ instanceId }) => element('query', namespace, [element('instance', namespace, [element('id', namespace, [instanceId])])]),
  decodeRequest: (query) => ({ instanceId: requiredText(childElement(query, 'instance'), 'id') }),
  encodeReply: ({ instanceId, state, attributes }) => element('query', namespace, [element('instance', namespace, [
    element('state', namespace, [state ?? NO_STATE]),
    element('id', namespace, [instanceId]),
    ...Object.entries(attributes).map(([name, value]) => element('attribute', namespace, [value], { val: name })),
  ])]),
  decodeReply: (query) => {
    const instance = childElement(query, 'instance');
    const state = optionalText(instance, 'state');
    return {
      instanceId: requiredInstanceId(instance),
      ...(state === undefined || state === NO_STATE ? {} : { state }),
      attributes: Object.fromEntries(childElements(instance, 'attribute').map((attribute) => {
        const name = attribute.attributes['val'];
        if (!name) throw new FogbowError('bad-syntax', 'An attribute of the instance has no name.');
        return [name, textOf(attribute)];
      })),
    };
  },
};
