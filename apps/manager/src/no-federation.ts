import { FogbowError } from '@fogbow/plugin-contracts';
import type { FederationLink } from '@fogbow/messaging';

const away = (): Promise<never> => Promise.reject(new FogbowError('unavailable', 'This member is not part of a federation.'));

/** The link of a member that stands alone: it hears nothing and every call says so. */
export const noFederation: FederationLink = {
  request: away,
  post: away,
  answer: away,
  handle: () => undefined,
  onLateReply: () => undefined,
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  connected: () => false,
};
