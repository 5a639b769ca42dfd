import type { MemberId, Quota } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { EMPTY, GETREMOTEUSERQUOTA, INSTANCEACTION } from '@fogbow/messaging';
import type { MessageReceiver } from '@fogbow/messaging';
import type { MeasureUse } from '../accounting/measure-use.js';
import { toRemoteQuota } from '../members/show-quota.js';
import { isPowerAction } from '../orders/act-on-machine.js';
import type { ActOnMachine } from '../orders/act-on-machine.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import type { CheckAdmitted } from '../sharing/admit-order.js';
import { servedOrderOf } from './read-served-order.js';
import type { ServedOrders } from './read-served-order.js';

export interface MemberQuestions extends ServedOrders {
  readonly self: MemberId;
  readonly checkAdmitted: CheckAdmitted;
  readonly identity: Pick<ForwardedIdentity, 'prove'>;
  readonly act: ActOnMachine;
  readonly use: MeasureUse;
  /** Undefined when our cloud does not say. */
  room(signal: AbortSignal): Promise<Quota | undefined>;
  readonly timeoutMs: number;
}

/** What other Managers ask on behalf of their users: our quota, and to switch a machine that they have here. */
export function registerMemberQuestions(link: MessageReceiver, options: MemberQuestions): void {
  link.handle(GETREMOTEUSERQUOTA, async (from, { token }) => {
    await options.checkAdmitted(from);
    const user = await options.identity.prove(from, token, 'quota');
    const [quota, byUser] = await Promise.all([options.room(AbortSignal.timeout(options.timeoutMs)), options.use(user, options.self, from)]);
    if (!quota) throw new FogbowError('not-found', 'The cloud does not tell its quota now.');
    return toRemoteQuota(options.self, quota, byUser);
  });
  link.handle(INSTANCEACTION, async (from, { instanceId, action }) => {
    const order = await servedOrderOf(options, from, instanceId, 'compute');
    if (!isPowerAction(action)) throw new FogbowError('method-not-allowed', 'There is no such action.');
    await options.act(order, action);
    return EMPTY;
  });
}
