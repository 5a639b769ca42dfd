import type { MemberId, OrderSpec, OrderType, ResourceKind, UserRef } from '@fogbow/request-model';
import { parseRequirements } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { newId } from '@fogbow/service-runtime';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { NewOrder } from './insert-orders.js';
import type { OrderStore } from './order-store.js';
import type { WakeUp } from './wake-up.js';

export interface Submission {
  readonly owner: UserRef;
  readonly count: number;
  readonly kind: ResourceKind;
  readonly type: OrderType;
  readonly spec: OrderSpec;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  /** Decides which ids the orders get; absent: those planned. */
  readonly claim?: ClaimIds;
}

/** Answers the ids to use, and whether orders with them were stored already: then the submission is a repetition and nothing is done. */
export type ClaimIds = (planned: readonly string[]) => Promise<{ readonly ids: readonly string[]; readonly areStored: boolean }>;

export interface SubmitOptions {
  readonly self: MemberId;
  readonly store: OrderStore;
  readonly wakeUp: WakeUp;
  readonly maxCount: number;
  readonly flavorNames: readonly string[];
  readonly checkpoints: Checkpoints<CrashStep>;
  now(): Date;
}

export type SubmitOrders = (submission: Submission) => Promise<readonly string[]>;

/** Use case: N machines asked are N orders of one batch, each living its own life. Answers their ids once they are durable. */
export function createSubmitOrders(options: SubmitOptions): SubmitOrders {
  return async (submission) => {
    checkSubmission(submission, options);
    const batchId = newId();
    const planned = Array.from({ length: submission.count }, newId);
    const { ids, areStored } = await submission.claim?.(planned) ?? { ids: planned, areStored: false };
    if (areStored) return ids;
    await options.store.insert(ids.map((id) => newOrder(id, submission, batchId, options)));
    options.checkpoints.reach('after-store-order');
    options.wakeUp('place-orders');
    return ids;
  };
}

/** Refuses what cannot be ordered, with a sentence that names the fault. */
export function checkSubmission(submission: Submission, options: Pick<SubmitOptions, 'maxCount' | 'flavorNames' | 'now'>): void {
  const refuse = (message: string): never => { throw new FogbowError('unsupported-attribute', message); };
  const { count, spec, validFrom, validUntil } = submission;
  if (!Number.isInteger(count) || count < 1 || count > options.maxCount) refuse(`The number of instances must be 1 to ${options.maxCount}.`);
  if (submission.kind !== 'compute') refuse(`Orders for ${submission.kind} are not offered yet; order compute.`);
  if (spec.flavor && !options.flavorNames.includes(spec.flavor)) refuse(`There is no flavor ${spec.flavor}; there are ${options.flavorNames.join(', ')}.`);
  if (spec.publicKey !== undefined && !isPublicKeyLine(spec.publicKey)) refuse('The public key is not one line in OpenSSH format, such as the content of ~/.ssh/id_ed25519.pub.');
  if (validUntil && validUntil <= options.now()) refuse('The order would already be over: valid-until is in the past.');
  if (validFrom && validUntil && validUntil <= validFrom) refuse('valid-until must be later than valid-from.');
  if (textsOf(spec).some((text) => UNSTORABLE.test(text))) refuse('A text of the order holds a character that cannot be stored (NUL or half of a surrogate pair).');
  if (count * JSON.stringify(spec).length > MOST_TEXT) refuse(`The orders of one request may hold ${MOST_TEXT} characters together; order fewer at a time or with less user data.`);
  const parsed = parseRequirements(spec.requirements ?? '');
  if ('fault' in parsed) throw new FogbowError('invalid-requirements', `Requirements, character ${parsed.fault.position}: ${parsed.fault.message}.`);
}

/** Every order of a batch keeps its own copy of what was asked. */
const MOST_TEXT = 16_000_000;
const UNSTORABLE = /[\0\p{Cs}]/u;
const textsOf = ({ userData = [], ...texts }: OrderSpec): string[] => [...Object.values(texts).filter((value) => typeof value === 'string'), ...userData.flatMap((part) => [part.content, part.contentType])];

const isPublicKeyLine = (text: string): boolean => /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\r\n]*)?\s*$/.test(text) && text.length <= 16_384;

function newOrder(id: string, submission: Submission, batchId: string, options: SubmitOptions): NewOrder {
  const { owner, kind, type, spec, validFrom, validUntil } = submission;
  const notBeforeMs = validFrom ? Math.max(0, validFrom.getTime() - options.now().getTime()) : 0;
  return {
    id, batchId, kind, type, owner, requester: options.self, incarnation: 1, spec, notBeforeMs,
    ...(validFrom ? { validFrom } : {}), ...(validUntil ? { validUntil } : {}),
  };
}
