import type { OrderRecord } from '../orders/order-record.js';
import { DEFAULT_ACCOUNT } from '../credentials/map-account.js';
import type { MapAccount } from '../credentials/map-account.js';
import type { InstanceProvider, Observation, ReleaseOutcome } from './instance-provider.js';

export interface AccountsOptions {
  /** The own cloud under each account, the default one among them. */
  readonly accounts: ReadonlyMap<string, InstanceProvider>;
  readonly accountOf: MapAccount;
}

/**
 * The member's own cloud under several accounts. An instance is looked for where it was made, whatever the configuration says by now; a removal asks all
 * accounts, because nobody may have heard of the instance that it is about.
 */
export function createAccountsProvider({ accounts, accountOf }: AccountsOptions): InstanceProvider {
  return {
    async request(order, grounds, signal) {
      const account = accountOf(order);
      const outcome = await (accounts.get(account) as InstanceProvider).request(order, grounds, signal);
      return outcome.kind === 'accepted' && account !== DEFAULT_ACCOUNT ? { ...outcome, instance: { ...outcome.instance, account } } : outcome;
    },
    async describe(orders, signal, round) {
      const holders = [...new Set(orders.map(holderOf))];
      const seen = await Promise.all(holders.map(async (account) => {
        const held = orders.filter((order) => holderOf(order) === account);
        return await accounts.get(account)?.describe(held, signal, round) ?? unknown(held, account);
      }));
      return new Map(seen.flatMap((one) => [...one]));
    },
    async release(target, signal) {
      const outcomes = await Promise.all([...accounts.values()].map((account) => account.release(target, signal)));
      return outcomes.find(({ kind }) => kind === 'pending') ?? GONE;
    },
  };
}

const GONE: ReleaseOutcome = { kind: 'gone' };

/** Where an order's instance was made. */
export const holderOf = ({ instance }: Pick<OrderRecord, 'instance'>): string => instance?.account ?? DEFAULT_ACCOUNT;

/** Never "gone": the instance may run, and another would be ordered. */
const unknown = (orders: readonly OrderRecord[], account: string): ReadonlyMap<string, Observation> =>
  new Map(orders.map(({ id }) => [id, { kind: 'unknown', reason: `the account ${account} of our cloud is not configured any more` }]));
