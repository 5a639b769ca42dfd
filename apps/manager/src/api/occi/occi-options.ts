import type { Image } from '@fogbow/plugin-contracts';
import type { Logger } from '@fogbow/service-runtime';
import type { Amount, Flavor, MemberId, Quota, UserRef } from '@fogbow/request-model';
import type { AskMachineState, AskMachineStates } from '../../monitoring/ask-machine-state.js';
import type { SubmitOnce } from '../../orders/submit-once.js';
import type { InstanceUseCases } from '../../orders/own-instances.js';
import type { ListAccounting } from '../../accounting/list-accounting.js';
import type { ListMembers } from '../../members/list-members.js';
import type { Authenticate } from '../authenticate.js';
import type { OrderUseCases } from '../order-use-cases.js';

/** What OCCI clients may ask about members (spec §1.11). */
export interface FederationFacts {
  readonly members: ListMembers;
  /** Throws not-found for a member that is unknown or cannot be asked. */
  quota(user: UserRef, member: MemberId, signal: AbortSignal): Promise<Quota & { readonly usedByCaller: Amount }>;
  readonly accounting: ListAccounting;
  /** May read the accounting of everybody. */
  isAdmin(user: UserRef): boolean;
}

export interface OcciOptions {
  readonly authenticate: Authenticate;
  readonly orders: OrderUseCases;
  readonly submitOnce: SubmitOnce;
  readonly instances: InstanceUseCases;
  readonly machineState: AskMachineState;
  readonly machineStates: AskMachineStates;
  /** Of our cloud; empty where it names none. */
  images(signal: AbortSignal): Promise<readonly Image[]>;
  readonly federation: FederationFacts;
  /** What a 401 says in WWW-Authenticate. */
  readonly challenge: string;
  readonly self: MemberId;
  readonly flavors: readonly Flavor[];
  /** Setting occi.extraResources: what the categories and attributes of plain OCCI clients mean here. */
  readonly extraResources: Readonly<Record<string, string>>;
  /** Base of the locations in answers; absent: the host that the client spoke to. */
  readonly publicUrl?: string;
  readonly log: Logger;
}
