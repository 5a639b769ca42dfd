import { z } from 'zod';
import type { ResourceKind, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ShowOrder } from '../../orders/show-order.js';
import type { ListedOrder, OrderRecord } from '../../orders/order-record.js';
import type { SubmitOnce } from '../../orders/submit-once.js';
import type { Submission } from '../../orders/submission.js';
import type { WaitForOrders } from '../../orders/wait-for-orders.js';
import type { PreviewPlacement } from '../../scheduling/preview-placement.js';
import type { OrderUseCases } from '../order-use-cases.js';
import { onceKey } from '../once-key.js';
import { endpoint } from './endpoint.js';
import type { Call, Endpoint } from './endpoint.js';
import { entityTag, tagsName, tagsNameStrongly } from './entity-tag.js';
import { createdSchema, dryRunSchema, listQuerySchema, submitQuerySchema } from './order-schemas.js';
import type { newOrderSchema } from './order-schemas.js';
import { preferredWait } from './preferred-wait.js';
import { renderHistory } from './render-order.js';
import type { Reply } from './reply.js';

export interface OrderApi {
  readonly orders: OrderUseCases;
  readonly submitOnce: SubmitOnce;
  readonly preview: PreviewPlacement;
  readonly wait: WaitForOrders;
  /** Aborts when the process ends: then nobody is kept waiting. */
  readonly stopping: AbortSignal;
  /** Base of the addresses in answers; absent: they begin with their path. */
  readonly publicUrl?: string;
}

/** What every body of a create says in the end. */
type NewItem = Partial<z.output<typeof newOrderSchema>> & Pick<z.output<typeof newOrderSchema>, 'count' | 'kind' | 'type'>;

/** How a collection of orders looks: all orders, or those of one kind under the name of what they order. */
export interface Collection {
  /** Also the name of the list in answers: `/v1/<name>`. */
  readonly name: string;
  readonly one: string;
  readonly kind?: ResourceKind;
  readonly newItem: z.ZodType<NewItem>;
  readonly item: z.ZodObject;
  readonly itemWithHistory: z.ZodObject;
  readonly render: (order: ListedOrder) => Record<string, unknown>;
  /** What only its cloud knows; asked when one is shown. */
  readonly observe?: (order: OrderRecord, signal: AbortSignal) => Promise<Record<string, unknown>>;
}

/** POST, GET list, GET one and DELETE one of a collection. */
export function orderCollection(api: OrderApi, collection: Collection): Endpoint[] {
  return [createItems(api, collection), listItems(api, collection), showItem(api, collection), deleteItem(api, collection)];
}

function createItems(api: OrderApi, { name, newItem }: Collection): Endpoint {
  const path = `/v1/${name}`;
  return endpoint({
    method: 'post', path, group: name, action: 'order.create', summary: `Order one or several ${name}`, query: submitQuerySchema, body: newItem,
    headers: {
      'Idempotency-Key': 'At most 255 printable characters. For 24 hours the same key with the same request means the same orders; with another request it is a conflict.',
      Prefer: '`wait=N`: the answer is held for at most N seconds (60 at most), until no order is on its way any more.',
    },
    answers: {
      200: { meaning: 'What a dry run says.', body: dryRunSchema },
      201: { meaning: 'They are ordered.', body: createdSchema, headers: { Location: 'Of the order, or of the list when there are several.', 'Preference-Applied': 'The wait that was granted.' } },
      404: { meaning: 'An order that it names is not there, or not yours.' }, 409: { meaning: 'The key belongs to another request, or what it needs can never come together.' },
    },
    async handle(call) {
      const submission = submissionOf(call.user, call.body);
      if (call.query.dryRun === 'true') return { body: { orders: await api.preview(submission, call.signal) } };
      const ids = await submit(api, submission, call.header('Idempotency-Key'), [path, call.body]);
      return await created(api, path, ids, call);
    },
  });
}

async function submit(api: OrderApi, submission: Submission, key: string | undefined, request: unknown): Promise<readonly string[]> {
  if (key === undefined) return await api.orders.submit(submission);
  return (await api.submitOnce(submission, onceKey(key, request))).ids;
}

async function created(api: OrderApi, path: string, ids: readonly string[], call: Call<unknown, unknown>): Promise<Reply> {
  const seconds = preferredWait(call.header('Prefer'));
  const states = seconds === undefined ? undefined : await api.wait(ids, seconds * 1000, AbortSignal.any([call.signal, api.stopping]));
  const base = `${api.publicUrl?.replace(/\/$/, '') ?? ''}${path}`;
  return {
    status: 201, body: { ids, orders: ids.map((id) => ({ id, href: `${base}/${id}`, state: states?.get(id) })) },
    headers: { Location: ids.length === 1 ? `${base}/${ids[0]}` : base, ...(seconds === undefined ? {} : { 'Preference-Applied': `wait=${seconds}` }) },
  };
}

function listItems({ orders }: OrderApi, { name, kind, item, render }: Collection): Endpoint {
  const query = listQuerySchema(Object.keys(item.shape));
  return endpoint({
    method: 'get', path: `/v1/${name}`, group: name, action: 'order.read', summary: `Your ${name}, page by page`, query: kind ? query.omit({ kind: true }) : query,
    answers: { 200: { meaning: 'A page.', body: z.strictObject({ [name]: z.array(item.partial()), next: z.string().optional().describe('The `cursor` of the next page; absent on the last.') }) } },
    async handle({ user, query: { fields, ...filter } }) {
      const page = await orders.list(user, listQueryOf(kind ? { ...filter, kind } : filter));
      return { body: { [name]: page.orders.map(render).map((one) => (fields ? pick(one, ['id', ...fields]) : one)), next: page.next } };
    },
  });
}

type ListFilter = Omit<z.output<ReturnType<typeof listQuerySchema>>, 'fields'>;

function listQueryOf({ limit, cursor, state, batch, kind, type, provider, sort }: ListFilter): Parameters<OrderUseCases['list']>[1] {
  return {
    limit, oldestFirst: sort === 'createdAt',
    ...(cursor ? { cursor } : {}), ...(state ? { states: state } : {}), ...(batch ? { batchId: batch } : {}),
    ...(kind ? { kind } : {}), ...(type ? { type } : {}), ...(provider ? { provider } : {}),
  };
}

const pick = (from: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> => Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));

function showItem({ orders }: OrderApi, collection: Collection): Endpoint {
  const { name, one, kind, itemWithHistory } = collection;
  return endpoint({
    method: 'get', path: `/v1/${name}/{id}`, group: name, action: 'order.read', summary: `One ${one} with every move it made`,
    headers: { 'If-None-Match': 'The ETag that you have: 304 while nothing has changed.' },
    answers: { 200: { meaning: 'It.', body: itemWithHistory, headers: { ETag: 'Changes with every field.' } }, 304: { meaning: 'As you have it.' }, 404: { meaning: 'There is none, or it is not yours.' } },
    async handle(call) {
      const json = await represent(await showOfKind(orders.show, call.user, call.param('id'), kind), collection, call);
      const ETag = entityTag(json);
      const known = call.header('If-None-Match');
      return known !== undefined && tagsName(known, ETag) ? { status: 304, headers: { ETag } } : { json, headers: { ETag } };
    },
  });
}

function deleteItem({ orders }: OrderApi, collection: Collection): Endpoint {
  const { name, one, kind } = collection;
  return endpoint({
    method: 'delete', path: `/v1/${name}/{id}`, group: name, action: 'order.delete', summary: `Delete one ${one}`,
    description: 'It is listed as deleted until nothing of it can exist anywhere.',
    headers: { 'If-Match': 'The ETag that you have: 412 when it is not as you saw it.' },
    answers: { 204: { meaning: 'It is being deleted.' }, 404: { meaning: 'There is none, or it is not yours.' }, 409: { meaning: 'Others need it; `ids` names their orders.' }, 412: { meaning: 'It has changed.' } },
    async handle(call) {
      const { user, param } = call;
      const wanted = call.header('If-Match');
      if (kind) await showOfKind(orders.show, user, param('id'), kind);
      const condition = async ({ id }: OrderRecord): Promise<boolean> => tagsNameStrongly(wanted ?? '*', entityTag(await represent(await orders.show(user, id), collection, call)));
      await orders.remove(user, param('id'), wanted === undefined ? undefined : condition);
      return { status: 204 };
    },
  });
}

type Shown = Awaited<ReturnType<ShowOrder>>;

async function showOfKind(show: ShowOrder, user: UserRef, id: string, kind: ResourceKind | undefined): Promise<Shown> {
  const shown = await show(user, id);
  if (kind && shown.order.kind !== kind) throw new FogbowError('not-found', 'Resource not found.');
  return shown;
}

/** As text: what is tagged is what is sent. */
async function represent({ order, history }: Shown, { render, observe }: Collection, call: Pick<Call<unknown, unknown>, 'signal'>): Promise<string> {
  return JSON.stringify(Object.assign(render(order), await observe?.(order, call.signal), { history: renderHistory(history) }));
}

function submissionOf(owner: UserRef, { count, kind, type, validFrom, validUntil, ...spec }: NewItem): Submission {
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as Submission['spec'];
  return {
    owner, count, kind, type, spec: given,
    ...(validFrom ? { validFrom: new Date(validFrom) } : {}), ...(validUntil ? { validUntil: new Date(validUntil) } : {}),
  };
}
