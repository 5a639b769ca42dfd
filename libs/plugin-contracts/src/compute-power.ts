import type { CloudCall } from './compute-cloud.js';

export const POWER_ACTIONS = ['start', 'stop', 'restart', 'suspend'] as const;
export type PowerAction = (typeof POWER_ACTIONS)[number];

/** A cloud that switches its machines off and on. Rules: docs/contracts/compute-power.md. */
export interface ComputePower {
  /** The actions that this cloud can do; the others are not offered to users. */
  readonly actions: readonly PowerAction[];

  /**
   * W1: start → `active`, stop → `inactive`, suspend → `suspended`, restart → `active` with a new life of the system; resolves when the
   * cloud has accepted it, the state follows. W2: asking for the state that is there resolves and changes nothing; restart is never
   * repeated by the Manager on its own. W3: a stopped machine keeps its disk, its addresses, its attachments and its share of the quota,
   * and stays `inactive` until it is started. Errors: not-found (no such machine), conflict (its state does not allow it),
   * method-not-allowed (not in `actions`), cloud-unauthorized, cloud-unavailable.
   */
  perform(instanceId: string, action: PowerAction, call: CloudCall): Promise<void>;
}
