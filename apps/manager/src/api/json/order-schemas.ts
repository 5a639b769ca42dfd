import { z } from 'zod';
import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import { isMemberId, ORDER_STATES, ORDER_TYPES, RESOURCE_KINDS, USER_DATA_TYPES } from '@fogbow/request-model';
import type { ResourceKind } from '@fogbow/request-model';

const text = (most: number): z.ZodString => z.string().min(1).max(most);

const networkIdsSchema = z.array(z.uuid()).min(1).max(16).optional().describe('Orders of the networks on which it gets an address each; it lives at the member where they are.');
const networkSchema = z.strictObject({
  cidr: text(43).describe('IPv4 in CIDR notation, such as 10.10.0.0/24.'),
  gateway: text(39).optional(),
  allocation: z.enum(['dynamic', 'static']).default('dynamic').describe('static: a machine puts the address that it is given on itself.'),
});
const attachmentSchema = z.strictObject({
  computeOrderId: z.uuid(), volumeOrderId: z.uuid(),
  device: z.string().regex(/^(?:\/dev\/)?[a-z]{1,16}[0-9]{0,4}$/, 'not the name of a device, such as /dev/vdc').optional().describe('Where the machine shall find it; its cloud may choose another.'),
});

const yearOf = (instant: string): number => new Date(instant).getUTCFullYear();

/** Of the years that a database, and a person, can mean. */
const instantSchema = z.iso.datetime({ offset: true }).refine((text) => yearOf(text) >= 1 && yearOf(text) <= 9999, { error: 'not in the years 1 to 9999', abort: true });

/** Body of POST /v1/orders. */
export const newOrderSchema = z.strictObject({
  count: z.number().int().min(1).default(1).describe('How many; each becomes an order of its own in one batch.'),
  kind: z.enum(RESOURCE_KINDS).default('compute'),
  type: z.enum(ORDER_TYPES).default('one-time').describe('persistent: another one is ordered when this one is lost.'),
  title: text(200).optional(),
  flavor: text(100).optional().describe('Name of a flavor; without it the smallest that satisfies the requirements.'),
  image: text(200).optional(),
  requirements: text(4096).optional().describe('Expression over Glue2vCPU, Glue2RAM (MB), Glue2Disk (GB) and Glue2CloudComputeManagerID.'),
  publicKey: text(16_384).optional().describe('One line in OpenSSH format, such as the content of ~/.ssh/id_ed25519.pub.'),
  userData: z.array(z.strictObject({ content: text(65_536), contentType: z.enum(USER_DATA_TYPES) })).max(10).optional(),
  validFrom: instantSchema.optional(),
  validUntil: instantSchema.optional(),
  networkOrderIds: networkIdsSchema,
  sizeGb: z.number().int().min(1).max(1_000_000).optional().describe('Of a volume.'),
  network: networkSchema.optional().describe('Of a network.'),
  attachment: attachmentSchema.optional().describe('Of an attachment: what is joined. Both may still be on their way.'),
});

/** What a collection takes of it: its own kind, and nothing that is renewed. */
const newOfKind = <Kind extends ResourceKind>(kind: Kind) => ({ kind: z.literal(kind).default(kind as z.util.NoUndefined<Kind>), type: z.literal('one-time').default('one-time') });

/** Body of POST /v1/computes. */
export const newComputeSchema = newOrderSchema.omit({ sizeGb: true, network: true, attachment: true }).extend(newOfKind('compute'));
const newResourceSchema = newOrderSchema.pick({ count: true, title: true, requirements: true, validFrom: true, validUntil: true });
/** Body of POST /v1/volumes. */
export const newVolumeSchema = newResourceSchema.extend({ ...newOfKind('storage'), sizeGb: newOrderSchema.shape.sizeGb.unwrap() });
/** Body of POST /v1/networks. */
export const newNetworkSchema = newResourceSchema.extend({ ...newOfKind('network'), network: networkSchema });
/** Body of POST /v1/attachments. */
export const newAttachmentSchema = newOrderSchema.pick({ title: true, validFrom: true, validUntil: true }).extend({ ...newOfKind('attachment'), count: z.literal(1).default(1), attachment: attachmentSchema });

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
  ssh: z.strictObject({ host: z.string(), port: z.number().int(), username: z.string().optional(), hostKey: z.string().optional().describe('Public half of the machine’s host key, where its cloud tells it.') }).optional().describe('Where to log in.'),
  services: z.array(z.strictObject({
    name: z.string(), host: z.string(), port: z.number().int(), url: z.string().optional().describe('Of a service that is reached by name.'),
  })).optional().describe('Services of the machine beside SSH, those that it opened by itself among them.'),
  power: z.strictObject({
    value: z.number().describe('What it counts in accounts, times the time.'),
    measured: z.boolean().describe('Whether that is by the time in which it did the probe of this member; else it is by its size.'),
    seconds: z.number().optional().describe('Of the probe.'),
  }).optional().describe('What the machine is worth. Of an order: where it was measured.'),
  title: z.string().optional(),
  flavor: z.string().optional(),
  image: z.string().optional(),
  requirements: z.string().optional(),
  publicKey: z.string().optional(),
  userData: z.array(z.strictObject({ content: z.string(), contentType: z.string() })).optional(),
  validFrom: timeSchema.optional(),
  validUntil: timeSchema.optional(),
  networkOrderIds: z.array(z.uuid()).optional(),
  sizeGb: z.number().int().optional(),
  network: z.strictObject({ cidr: z.string(), gateway: z.string().optional(), allocation: z.string() }).optional(),
  attachment: z.strictObject({ computeOrderId: z.uuid(), volumeOrderId: z.uuid(), device: z.string().optional() }).optional(),
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
  addresses: z.array(z.strictObject({ networkId: z.string(), address: z.string() })).optional().describe('On private networks, by the instance id of the network.'),
});
export const computeWithHistorySchema = computeSchema.extend({
  instanceState: z.enum(['inactive', 'active', 'suspended', 'failed']).optional().describe('What the cloud says of the machine; absent where there is none, and where nobody answers.'),
  history: historySchema,
});

const ofResource = { kind: true, title: true, requirements: true, publicKey: true, userData: true, flavor: true, image: true, ssh: true, power: true, networkOrderIds: true } as const;
const plainSchema = orderSchema.omit({ ...ofResource, sizeGb: true, network: true, attachment: true }).extend({ orderId: z.uuid(), title: z.string().optional(), requirements: z.string().optional() });

/** A volume: its order, and the attachments that use it. */
export const volumeSchema = plainSchema.extend({ kind: z.literal('storage'), sizeGb: z.number().int() });
/** A network: its order, with what its cloud made of it. */
export const networkItemSchema = plainSchema.extend({ kind: z.literal('network'), network: orderSchema.shape.network.unwrap(), gateway: z.string().optional().describe('As the cloud made it.'), vlan: z.string().optional() });
/** An attachment: its order, with the name that the volume got. */
export const attachmentItemSchema = plainSchema.extend({ kind: z.literal('attachment'), attachment: orderSchema.shape.attachment.unwrap(), device: z.string().optional().describe('Where the machine finds it.') });
export const withHistory = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>) => schema.extend({ history: historySchema });

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
