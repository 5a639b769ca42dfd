import type { OrderInstance } from '@fogbow/request-model';
import type { GivenService, TunnelEndpoint } from '@fogbow/queues';

/** What one machine needs to open its tunnel, and where its services will then be reached. */
export interface TunnelOfMachine {
  readonly grantId: string;
  readonly secret: string;
  /** Tried in turn; at least one. */
  readonly endpoints: readonly TunnelEndpoint[];
  readonly services: readonly GivenService[];
  readonly addresses: Pick<OrderInstance, 'sshAddress' | 'sshUsername'>;
}
