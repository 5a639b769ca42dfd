import type { InstanceState, ResourceState } from '@fogbow/plugin-contracts';
import { orderWords } from './occi-resource.js';
import type { OcciResource } from './occi-resource.js';

const UP: readonly string[] = ['active', 'online'];
const BROKEN: readonly string[] = ['error', 'failed'];

/** Pure: the state of a machine by OCCI's word for it (spec §1.8), unless its order has failed. */
export function instanceState(resource: OcciResource): InstanceState {
  const state = resource.attributes.get('occi.compute.state') ?? '';
  return state === 'suspended' ? 'suspended' : resourceState(resource, state);
}

/** Pure: the state of anything else; where OCCI shows none, that of its order. */
export function resourceState(resource: OcciResource, shown: string | undefined): ResourceState {
  const { state } = orderWords(resource);
  if (state === 'failed' || BROKEN.includes(shown ?? '')) return 'failed';
  return UP.includes(shown ?? (state === 'fulfilled' ? 'active' : '')) ? 'active' : 'inactive';
}

/** The endpoint's own words for a failure. */
export function faultOf(resource: OcciResource): { readonly fault?: string } {
  const { state, reason } = orderWords(resource);
  return state === 'failed' && reason ? { fault: reason } : {};
}
