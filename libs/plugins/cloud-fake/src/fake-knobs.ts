import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';

export const REFUSALS = ['none', 'quota-exceeded', 'no-valid-host', 'cloud-rejected', 'cloud-unavailable'] as const;
export type Refusal = Extract<ErrorCode, (typeof REFUSALS)[number]> | 'none';

/** What can be staged. Times are milliseconds; those of a machine's life are fixed when it is created. */
export interface FakeKnobs {
  /** How long a create takes to answer; the machine exists from its beginning, as when an answer is lost. */
  readonly createDelay: number;
  /** From create to `active`. */
  readonly bootDelay: number;
  /** How long every question (describe, find, list, quota) takes. */
  readonly describeDelay: number;
  /** How creates are refused … */
  readonly refuse: Refusal;
  /** … and how many; null: all, until the knob is turned back. */
  readonly refuseCount: number | null;
  /** Machines stay `inactive`. */
  readonly neverBoot: boolean;
  /** A machine is gone this long after its create; null: never. */
  readonly vanishAfter: number | null;
  /** A machine fails this long after its create; null: never. */
  readonly failAfter: number | null;
  /** Lifetime of a token; null: it does not expire. */
  readonly tokenLifetime: number | null;
  /** Every data call answers cloud-unavailable. */
  readonly outage: boolean;
  /** What an account may use; null: not limited. */
  readonly maxInstances: number | null;
  readonly maxVcpu: number | null;
  readonly maxRamMb: number | null;
  /** What `password` of the credentials must be; null: anything goes. */
  readonly password: string | null;
}

export const NO_KNOBS: FakeKnobs = {
  createDelay: 0, bootDelay: 0, describeDelay: 0,
  refuse: 'none', refuseCount: null,
  neverBoot: false, vanishAfter: null, failAfter: null, tokenLifetime: null, outage: false,
  maxInstances: null, maxVcpu: null, maxRamMb: null, password: null,
};

const NULLABLE: readonly string[] = Object.entries(NO_KNOBS).filter(([, value]) => value === null).map(([name]) => name);

/** The knobs after a partial change, as it came over the control API; throws bad-syntax with every fault named. */
export function changeKnobs(knobs: FakeKnobs, change: unknown): FakeKnobs {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) throw new FogbowError('bad-syntax', 'Knobs are a JSON object.');
  const faults = Object.entries(change).flatMap(([name, value]) => faultOf(name, value));
  if (faults.length > 0) throw new FogbowError('bad-syntax', faults.join(' '));
  return { ...knobs, ...change };
}

function faultOf(name: string, value: unknown): string[] {
  if (!Object.hasOwn(NO_KNOBS, name)) return [`${name} is not a knob; there are ${Object.keys(NO_KNOBS).join(', ')}.`];
  if (value === null && NULLABLE.includes(name)) return [];
  if (name === 'refuse') return REFUSALS.includes(value as Refusal) ? [] : [`refuse must be one of ${REFUSALS.join(', ')}.`];
  if (name === 'password') return typeof value === 'string' ? [] : ['password must be a text or null.'];
  if (name === 'neverBoot' || name === 'outage') return typeof value === 'boolean' ? [] : [`${name} must be true or false.`];
  return Number.isFinite(value) && (value as number) >= 0 ? [] : [`${name} must be a number of at least 0.`];
}
