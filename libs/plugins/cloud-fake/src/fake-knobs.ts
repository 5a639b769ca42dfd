import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { FAKE_KINDS } from './fake-entities.js';
import type { FakeKind } from './fake-entities.js';

export const REFUSALS = ['none', 'quota-exceeded', 'no-valid-host', 'cloud-rejected', 'cloud-unavailable'] as const;
export type Refusal = Extract<ErrorCode, (typeof REFUSALS)[number]> | 'none';

/** What a staged refusal or fate can be about; `power` can be refused only. */
export type StagedKind = FakeKind | 'power';
export const STAGED_KINDS: readonly StagedKind[] = [...FAKE_KINDS, 'power'];

/** What can be staged. Times are milliseconds; those of a thing's life are fixed when it is created. */
export interface FakeKnobs {
  /** What refuse, bootDelay, neverBoot, vanishAfter and failAfter are about. */
  readonly kinds: readonly StagedKind[];
  /** How long a create takes to answer; the thing exists from its beginning, as when an answer is lost. */
  readonly createDelay: number;
  /** From create or start to `active`. */
  readonly bootDelay: number;
  /** How long every question (describe, find, list, quota) takes. */
  readonly describeDelay: number;
  /** How creates are refused … */
  readonly refuse: Refusal;
  /** … and how many; null: all, until the knob is turned back. */
  readonly refuseCount: number | null;
  /** Things stay `inactive`. */
  readonly neverBoot: boolean;
  /** A thing is gone this long after its create; null: never. */
  readonly vanishAfter: number | null;
  /** A thing fails this long after its create; null: never. */
  readonly failAfter: number | null;
  /** Lifetime of a token; null: it does not expire. */
  readonly tokenLifetime: number | null;
  /** Every data call answers cloud-unavailable. */
  readonly outage: boolean;
  /** What an account may use; null: not limited. */
  readonly maxInstances: number | null;
  readonly maxVcpu: number | null;
  readonly maxRamMb: number | null;
  readonly maxVolumes: number | null;
  readonly maxVolumeGb: number | null;
  readonly maxNetworks: number | null;
  /** What `password` of the credentials must be; null: anything goes. */
  readonly password: string | null;
  /** The images that there are; null: one, and any other name is taken too. */
  readonly images: readonly string[] | null;
}

export const NO_KNOBS: FakeKnobs = {
  kinds: ['instances'], createDelay: 0, bootDelay: 0, describeDelay: 0,
  refuse: 'none', refuseCount: null,
  neverBoot: false, vanishAfter: null, failAfter: null, tokenLifetime: null, outage: false,
  maxInstances: null, maxVcpu: null, maxRamMb: null, maxVolumes: null, maxVolumeGb: null, maxNetworks: null, password: null, images: null,
};

const NULLABLE: readonly string[] = Object.entries(NO_KNOBS).filter(([, value]) => value === null).map(([name]) => name);

/** The knobs after a partial change, as it came over the control API; throws bad-syntax with every fault named. */
export function changeKnobs(knobs: FakeKnobs, change: unknown): FakeKnobs {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) throw new FogbowError('bad-syntax', 'Knobs are a JSON object.');
  const faults = Object.entries(change).flatMap(([name, value]) => faultOf(name, value));
  if (faults.length > 0) throw new FogbowError('bad-syntax', faults.join(' '));
  return { ...knobs, ...change };
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');

/** The knobs that are not numbers: what they must be, and whether a value is that. */
const SHAPES: Readonly<Record<string, { readonly must: string; fits(value: unknown): boolean }>> = {
  kinds: { must: `be a list of ${STAGED_KINDS.join(', ')}`, fits: (value) => isTexts(value) && value.every((kind) => STAGED_KINDS.includes(kind as StagedKind)) },
  refuse: { must: `be one of ${REFUSALS.join(', ')}`, fits: (value) => REFUSALS.includes(value as Refusal) },
  password: { must: 'be a text or null', fits: (value) => typeof value === 'string' },
  images: { must: 'be a list of names or null', fits: isTexts },
  neverBoot: { must: 'be true or false', fits: (value) => typeof value === 'boolean' },
  outage: { must: 'be true or false', fits: (value) => typeof value === 'boolean' },
};
const NUMBER = { must: 'be a number of at least 0', fits: (value: unknown) => Number.isFinite(value) && (value as number) >= 0 };

function faultOf(name: string, value: unknown): string[] {
  if (!Object.hasOwn(NO_KNOBS, name)) return [`${name} is not a knob; there are ${Object.keys(NO_KNOBS).join(', ')}.`];
  if (value === null && NULLABLE.includes(name)) return [];
  const { must, fits } = SHAPES[name] ?? NUMBER;
  return fits(value) ? [] : [`${name} must ${must}.`];
}
