import { z } from 'zod';
import { ORDER_STATES, ORDER_TYPES, RESOURCE_KINDS, USER_DATA_TYPES } from '@fogbow/request-model';

const text = (most: number): z.ZodString => z.string().min(1).max(most);

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
  validFrom: z.iso.datetime({ offset: true }).optional(),
  validUntil: z.iso.datetime({ offset: true }).optional(),
});

/** Query of GET /v1/orders. */
export const listOrdersSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: text(200).optional(),
  state: z.string().transform((value) => value.split(',')).pipe(z.array(z.enum(ORDER_STATES)).min(1)).optional(),
  batch: z.uuid().optional(),
});
