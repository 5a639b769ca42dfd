import { z } from 'zod';
import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import { isMemberId, ORDER_STATES, ORDER_TYPES, RESOURCE_KINDS, USER_DATA_TYPES } from '@fogbow/request-model';

const text = (most: number): z.ZodString => z.string().min(1).max(most);

const yearOf = (instant: string): number => new Date(instant).getUTCFullYear();

/** Of the years that a database, and a person, can mean. */
const instantSchema = z.iso.datetime({ offset: true }).refine((text) => yearOf(text) >= 1 && yearOf(text) <= 9999, { error: 'not in the years 1 to 9999', abort: true });

/** Body of POST /v1/orders. */
export const newOrderSchema = z.strictObject({
  count: z.number().int().min(1).default(1).describe('Number of machines; each becomes an order of its own in one batch.'),
  kind: z.enum(RESOURCE_KINDS).default('compute'),
  type: z.enum(ORDER_TYPES).default('one-time').describe('persistent: another machine is ordered when this one is lost.'),
  title: text(200).optional(),
  flavor: text(100).optional().describe('Name of a flavor; without it the smallest that satisfies the requirements.'),
  image: text(200).optional(),
  requirements: text(4096).optional().describe('Expression over Glue2vCPU, Glue2RAM (MB), Glue2Disk (GB) and Glue2CloudComputeManagerID.'),
  publicKey: text(16_384).optional().describe('One line in OpenSSH format, such as the content of ~/.ssh/id_ed25519.pub.'),
  userData: z.array(z.strictObject({ content: text(65_536), contentType: z.enum(USER_DATA_TYPES) })).max(10).optional(),
  validFrom: instantSchema.optional(),
  validUntil: instantSchema.optional(),
});

/** Body of POST /v1/computes: the same, but always one machine that is not renewed. */
export const newComputeSchema = newOrderSchema.extend({
  kind: z.literal('compute').default('compute'),
  type: z.literal('one-time').default('one-time'),
});

export const submitQuerySchema = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('true: nothing is ordered; the answer says where each would go, and why not elsewhere.'),
});

const verdictSchema = z.strictObject({ member: z.string(), verdict: z.string() });
const timeSchema = z.iso.datetime();
const stateSchema = z.enum(ORDER_STATES);

/** An order as lists show it. */
export const orderSchema = z.strictObject({
  id: z.uuid(),
  batchId: z.uuid(),
  kind: z.enum(RESOURCE_KINDS),
  type: z.enum(ORDER_TYPES),
  state: stateSchema,
  reason: z.string().optional().describe('Why it is where it is.'),
  failure: z.string().optional().describe('Code of the error that kept it from a machine last.'),
  createdAt: timeSchema,
  stateSince: timeSchema,
  requestingMember: z.string(),
  providingMember: z.string().optional(),
  instanceId: z.string().optional().describe('<id in the cloud>@<member>'),
  ssh: z.strictObject({ host: z.string(), port: z.number().int(), username: z.string().optional() }).optional().describe('Where to log in.'),
  title: z.string().optional(),
  flavor: z.string().optional(),
  image: z.string().optional(),
  requirements: z.string().optional(),
  publicKey: z.string().optional(),
  userData: z.array(z.strictObject({ content: z.string(), contentType: z.string() })).optional(),
  validFrom: timeSchema.optional(),
  validUntil: timeSchema.optional(),
  placement: z.array(verdictSchema).describe('What the last placement said about each member.'),
});

const historySchema = z.array(z.strictObject({
  at: timeSchema, from: stateSchema.optional(), to: stateSchema, event: z.string(), reason: z.string().optional(), provider: z.string().optional(), incarnation: z.number().int(),
}));

/** One order with every move it made. */
export const orderWithHistorySchema = orderSchema.extend({ history: historySchema });

/** A compute: its order with what is known of the machine. */
export const computeSchema = orderSchema.extend({
  orderId: z.uuid(),
  vcpu: z.number().optional(),
  ramMb: z.number().optional(),
  localAddress: z.string().optional().describe('Inside its cloud.'),
});
export const computeWithHistorySchema = computeSchema.extend({
  instanceState: z.enum(['inactive', 'active', 'suspended', 'failed']).optional().describe('What the cloud says of the machine; absent where there is none, and where it is another member’s.'),
  history: historySchema,
});

/** Body of POST /v1/computes/{id}/actions. */
export const actionSchema = z.strictObject({ action: z.enum(POWER_ACTIONS) });

export const explanationSchema = orderSchema.pick({ id: true, state: true, reason: true, failure: true, placement: true });

export const createdSchema = z.strictObject({
  ids: z.array(z.uuid()),
  orders: z.array(z.strictObject({ id: z.uuid(), href: z.string(), state: stateSchema.optional().describe('After a wait.') })),
});

export const dryRunSchema = z.strictObject({
  orders: z.array(z.strictObject({
    decision: z.enum(['here', 'member', 'wait', 'refuse']), member: z.string().optional(), flavor: z.string().optional(), reason: z.string().optional(), placement: z.array(verdictSchema),
  })),
});

/** Query of lists of orders; `known` are the fields that may be picked. */
export const listQuerySchema = (known: readonly string[]) => z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: text(200).optional().describe('`next` of the page before.'),
  state: listOf(ORDER_STATES, 'States, separated by commas.').optional(),
  batch: z.uuid().optional(),
  kind: z.enum(RESOURCE_KINDS).optional(),
  type: z.enum(ORDER_TYPES).optional(),
  provider: text(255).refine(isMemberId, 'not the id of a member').optional().describe('The member that serves the order.'),
  sort: z.enum(['createdAt', '-createdAt']).default('-createdAt'),
  fields: listOf(known, 'Only these fields and the id, separated by commas.').optional(),
});

const listOf = <Value extends string>(values: readonly Value[], meaning: string) =>
  z.string().transform((value) => value.split(',')).pipe(z.array(z.enum(values)).min(1)).describe(meaning);
