import { Router } from 'express';
import type { Request, Response } from 'express';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { ResourceKind, UserRef } from '@fogbow/request-model';
import { irregular, renderEntityLines, sameCategory, UNSUPPORTED_ATTRIBUTES } from '@fogbow/occi';
import type { Entity } from '@fogbow/occi';
import type { Needs } from '../../orders/load-needs.js';
import type { OrderRecord } from '../../orders/order-record.js';
import { forUser } from '../authenticate.js';
import { attachmentName, findInstance, instanceName, instanceOf, promisedName } from './instance-names.js';
import type { OcciOptions } from './occi-options.js';
import { inputOf, isJson, negotiate, requireOcciBody, rootOf, send, sendText } from './occi-request.js';
import { orderFacts } from './order-facts.js';
import { fixedResource, located } from './registry.js';
import { filled } from './resource-collections.js';
import { sendEntity, sendList } from './send-entities.js';
import { submitKeyed } from './submit-keyed.js';

/** OCCI under /storage/link (spec §1.9). */
export function occiStorageLinkRoutes(options: OcciOptions): Router {
  const { authenticate, instances } = options;
  const router = Router();
  router.post('/', (request, response) => submit(options, request, response));
  router.get('/', forUser(authenticate, 'order.read', (user, request, response) => list(options, user, request, response)));
  router.get('/:id', forUser(authenticate, 'order.read', async (user, request, response) => {
    const order = await instanceOf(options, 'attachment', user, request, response);
    sendEntity(request, response, entityOf(order, await instances.needs([order]), rootOf(request, options.publicUrl)), renderLink);
  }));
  // Without an id the original refuses.
  router.delete('/', forUser(authenticate, 'order.delete', () => { throw irregular(); }));
  router.delete('/:id', forUser(authenticate, 'order.delete', async (user, request, response) => {
    // Somebody else's does not exist here.
    const order = await findInstance(options, user, 'attachment', String(request.params['id'])).catch((error: unknown) => {
      throw isFogbowError(error) && error.code === 'unauthenticated' ? new FogbowError('not-found', 'Resource not found.') : error;
    });
    await instances.remove(order);
    sendText(response, 'Ok');
  }));
  return router;
}

async function submit(options: OcciOptions, request: Request, response: Response): Promise<void> {
  const type = negotiate(request, ['text/plain']);
  const input = inputOf(request);
  if (!input.categories.some((category) => sameCategory(category, fixedResource('storagelink')))) throw irregular();
  requireOcciBody(request);
  const user = await options.authenticate(request, response, 'order.create');
  const attributes = input.attributes();
  const [source, target] = ['occi.core.source', 'occi.core.target'].map((name) => lastSegment(attributes.get(name)));
  if (!source || !target) throw refused(UNSUPPORTED_ATTRIBUTES);
  const [machine, volume] = [await joined(options, user, 'compute', source), await joined(options, user, 'storage', target)];
  if (machine.provider && volume.provider && machine.provider !== volume.provider) throw refused('The same size is required in the post of storage link.');
  const device = attributes.get('occi.storagelink.deviceid') || (isJson(request) ? undefined : DEFAULT_DEVICE);
  const title = attributes.get('occi.core.title');
  const [id = ''] = await submitKeyed(options, request, {
    owner: user, count: 1, kind: 'attachment', type: 'one-time', spec: { asInstance: true, ...(title ? { title } : {}), attachment: { computeOrderId: machine.id, volumeOrderId: volume.id, ...(device ? { device } : {}) } },
  });
  const location = `${rootOf(request, options.publicUrl)}/storage/link/${attachmentName(id, machine.provider ?? volume.provider)}`;
  send(response, type, { headers: { Location: location }, body: 'Ok' }, 201);
}

/** Spec §1.9; clients of JSON, which the original does not know, leave it to the cloud. */
const DEFAULT_DEVICE = '/dev/vdc';
const refused = (message: string): FogbowError => new FogbowError('unsupported-attribute', message);
const lastSegment = (text: string | undefined): string | undefined => text?.split('/').at(-1);

async function joined(options: OcciOptions, user: UserRef, kind: ResourceKind, name: string): Promise<OrderRecord> {
  return await findInstance(options, user, kind, name).catch((error: unknown) => {
    if (!isFogbowError(error)) throw error;
    if (error.code === 'unauthenticated') throw refused('The same own of instance is required.');
    throw error.code === 'not-found' ? new FogbowError('not-found', 'Instance(compute/storage) not found..') : error;
  });
}

/** The same from the first moment: the member is that of what is joined. */
function nameOf({ id, provider, spec: { attachment } }: OrderRecord, needs: Needs): string {
  return attachmentName(id, provider ?? needs.get(attachment?.computeOrderId ?? '')?.provider ?? needs.get(attachment?.volumeOrderId ?? '')?.provider);
}

/** The four attributes of spec §1.9, the last one with its original spelling. */
function attributesOf({ spec: { attachment }, instance, provider }: OrderRecord, needs: Needs): (readonly [string, string | undefined])[] {
  const name = (kind: ResourceKind, id = ''): string => {
    const order = needs.get(id);
    return order ? instanceName(order) : promisedName(kind, id);
  };
  return [
    ['occi.core.target', name('storage', attachment?.volumeOrderId)], ['occi.core.source', name('compute', attachment?.computeOrderId)],
    ['occi.storagelink.deviceid', instance?.device ?? attachment?.device], ['occi.storagelink.provadingMemberId', provider],
  ];
}

function entityOf(order: OrderRecord, needs: Needs, root: string): Entity {
  return { id: nameOf(order, needs), title: order.spec.title, kind: located(fixedResource('storagelink'), root), mixins: [], links: [], attributes: filled(attributesOf(order, needs)), beyond: orderFacts(order) };
}

/** The category stands without its prefix there. */
const renderLink = (entity: Entity): string => renderEntityLines(entity).replace(/^Category: /, '');

async function list(options: OcciOptions, user: UserRef, request: Request, response: Response): Promise<void> {
  const root = rootOf(request, options.publicUrl);
  const found = await options.instances.list(user, 'attachment');
  const isVerbose = request.query['verbose'] === 'true';
  const needs = await options.instances.needs(found);
  const locations = (): string[] => found.map((order) => `${root}/storage/link/${nameOf(order, needs)}`);
  const entities = found.map((order) => entityOf(order, needs, root));
  const plainLine = (location: string, index: number): string =>
    `X-OCCI-Location: ${location}${isVerbose ? `;${(entities[index]?.attributes ?? []).map(([name, value]) => `${name}=${value};`).join(' ')} ` : ''}`;
  sendList(request, response, {
    plain: () => (found.length === 0 ? 'There are not storage links.' : locations().map(plainLine).join('\n')),
    uris: () => `${locations().join('\n')}\n`, locations, entities: () => entities,
  });
}
