import type { NewOrder } from '../api/views.js';
import { usageError } from '../cli-error.js';
import { parseValidity } from './parse-validity.js';
import { readUserData } from './read-user-data.js';

/** Options of creates, old and new, as commander gives them. */
export interface OrderOptions {
  readonly count?: string;
  readonly kind?: string;
  readonly type?: string;
  readonly title?: string;
  readonly flavor?: string;
  readonly image?: string;
  readonly requirements?: string;
  readonly member?: string;
  readonly userData?: readonly string[];
  readonly userDataType?: readonly string[];
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly size?: string;
  readonly cidr?: string;
  readonly gateway?: string;
  readonly allocation?: string;
}

const KINDS = ['compute', 'storage', 'network', 'attachment'];

/** What the options say, as the body of POST /v1/orders, without the keys and the ids that must be looked up. */
export function orderBody(options: OrderOptions, now: Date): NewOrder {
  const kind = options.kind ?? 'compute';
  if (!KINDS.includes(kind)) throw usageError(`"${kind}" is not a kind of resource.`, `There are: ${KINDS.join(', ')}`);
  return present<NewOrder>({
    kind,
    count: options.count === undefined ? undefined : positive(options.count, 'the count'),
    type: options.type, title: options.title, flavor: options.flavor, image: options.image,
    requirements: requirementsOf(options),
    userData: options.userData?.map((file, index) => readUserData(file, options.userDataType?.[index])),
    validFrom: options.validFrom && parseValidity(options.validFrom, 'from', now),
    validUntil: options.validUntil && parseValidity(options.validUntil, 'until', now),
    ...kindBody(kind, options),
  });
}

function kindBody(kind: string, { size, cidr, gateway, allocation }: OrderOptions): Partial<NewOrder> {
  if (kind === 'storage') {
    if (size === undefined) throw usageError('A volume needs a size: --size GB');
    return { sizeGb: positive(size, 'the size') };
  }
  if (kind !== 'network') return {};
  if (cidr === undefined) throw usageError('A network needs its addresses: --cidr 10.0.0.0/24');
  return { network: present({ cidr, gateway, allocation }) };
}

/** `--member` is short for a requirement on the place. */
function requirementsOf({ requirements, member }: OrderOptions): string | undefined {
  if (member === undefined) return requirements;
  if (!/^[\w.-]+$/.test(member)) throw usageError(`"${member}" cannot be the id of a member.`, 'See them with: fogbow members');
  const place = `Glue2CloudComputeManagerID == "${member}"`;
  return requirements ? `(${requirements}) && ${place}` : place;
}

function positive(text: string, what: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && Number.isSafeInteger(value)) return value;
  throw usageError(`"${text}" cannot be ${what}: it must be a whole number of at least 1.`);
}

type Loose<Value> = { [Key in keyof Value]: Value[Key] | undefined };

/** Without the fields that nobody gave. */
export function present<Value extends object>(loose: Loose<Value>): Value {
  return Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined && value !== '')) as Value;
}
