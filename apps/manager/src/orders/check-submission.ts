import { networkFault, parseRequirements } from '@fogbow/request-model';
import type { OrderSpec, ResourceKind } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Submission } from './submission.js';

const refuse = (message: string): never => { throw new FogbowError('unsupported-attribute', message); };

export interface SubmissionLimits {
  readonly maxCount: number;
  readonly flavorNames: readonly string[];
  now(): Date;
}

/** Refuses what cannot be ordered, with a sentence that names the fault. */
export function checkSubmission(submission: Submission, options: SubmissionLimits): void {
  const { count, spec, validFrom, validUntil } = submission;
  if (!Number.isInteger(count) || count < 1 || count > options.maxCount) refuse(`The number of instances must be 1 to ${options.maxCount}.`);
  checkKind(submission);
  if (spec.flavor && !options.flavorNames.includes(spec.flavor)) refuse(`There is no flavor ${spec.flavor}; there are ${options.flavorNames.join(', ')}.`);
  if (spec.publicKey !== undefined && !isPublicKeyLine(spec.publicKey)) refuse('The public key is not one line in OpenSSH format, such as the content of ~/.ssh/id_ed25519.pub.');
  for (const [name, most] of Object.entries(LONGEST)) if ((spec[name as keyof typeof LONGEST]?.length ?? 0) > most) refuse(`${name} may have ${most} characters.`);
  if ([validFrom, validUntil].some((instant) => instant && (instant.getUTCFullYear() < 1 || instant.getUTCFullYear() > 9999))) refuse('Times must be in the years 1 to 9999.');
  if (validUntil && validUntil <= options.now()) refuse('The order would already be over: valid-until is in the past.');
  if (validFrom && validUntil && validUntil <= validFrom) refuse('valid-until must be later than valid-from.');
  if (textsOf(spec).some((text) => UNSTORABLE.test(text))) refuse('A text of the order holds a character that cannot be stored (NUL or half of a surrogate pair).');
  if (count * JSON.stringify(spec).length > MOST_TEXT) refuse(`The orders of one request may hold ${MOST_TEXT} characters together; order fewer at a time or with less user data.`);
  const parsed = parseRequirements(spec.requirements ?? '');
  if ('fault' in parsed) throw new FogbowError('invalid-requirements', `Requirements, character ${parsed.fault.position}: ${parsed.fault.message}.`);
}

/** Characters; the same as in the JSON API. */
const LONGEST = { title: 200, image: 200, requirements: 4096 } as const;

/** What belongs to orders of one kind only. */
const OWN_PARTS: Readonly<Record<ResourceKind, readonly (keyof OrderSpec)[]>> = {
  compute: ['flavor', 'image', 'publicKey', 'userData', 'networkOrderIds'], storage: ['sizeGb'], network: ['network'], attachment: ['attachment'],
};

function checkKind({ kind, type, count, spec }: Submission): void {
  for (const [owner, parts] of Object.entries(OWN_PARTS)) {
    const foreign = owner === kind ? undefined : parts.find((part) => spec[part] !== undefined);
    if (foreign) refuse(`${foreign} is for orders of kind ${owner}; this one is of kind ${kind}.`);
  }
  if (kind === 'compute' && new Set(spec.networkOrderIds).size !== (spec.networkOrderIds?.length ?? 0)) refuse('networkOrderIds names a network twice.');
  if (kind === 'storage' && !(Number.isInteger(spec.sizeGb) && (spec.sizeGb ?? 0) >= 1)) refuse('A volume needs a size of at least 1 GB: sizeGb.');
  if (kind === 'network') checkNetwork(spec);
  if (kind === 'attachment') checkAttachment(spec, type, count);
}

function checkNetwork({ network }: OrderSpec): void {
  if (!network) return refuse('A network needs its addresses: network.cidr, such as 10.10.0.0/24.');
  const fault = networkFault(network);
  if (fault) refuse(fault);
}

function checkAttachment({ attachment }: OrderSpec, type: Submission['type'], count: number): void {
  if (!attachment) refuse('An attachment needs attachment.computeOrderId and attachment.volumeOrderId.');
  if (type === 'persistent') refuse('An attachment ends with its machine, so it cannot be persistent.');
  if (count > 1) refuse('A volume is attached once: the number of instances must be 1.');
}

/** Every order of a batch keeps its own copy of what was asked. */
const MOST_TEXT = 16_000_000;
const UNSTORABLE = /[\0\p{Cs}]/u;
const textsOf = ({ userData = [], attachment, ...texts }: OrderSpec): string[] =>
  [...Object.values(texts), attachment?.device].filter((value) => typeof value === 'string').concat(userData.flatMap((part) => [part.content, part.contentType]));

const isPublicKeyLine = (text: string): boolean => /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+(?: [^\r\n]*)?\s*$/.test(text) && text.length <= 16_384;
