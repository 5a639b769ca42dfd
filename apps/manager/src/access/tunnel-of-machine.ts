import type { OrderInstance } from '@fogbow/request-model';
import type { GivenService, TunnelEndpoint } from '@fogbow/queues';

/** What one machine needs to open its tunnel, and where its services will then be reached. */
export interface TunnelOfMachine {
  readonly grantId: string;
  readonly secret: string;
  readonly endpoint: TunnelEndpoint;
  readonly services: readonly GivenService[];
  readonly addresses: Pick<OrderInstance, 'sshAddress' | 'sshUsername'>;
}
