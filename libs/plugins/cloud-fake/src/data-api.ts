import express from 'express';
import type { Request, Router } from 'express';
import { FogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { PowerAction } from '@fogbow/plugin-contracts';
import type { FakeCloudClient, FakeResourceClient } from './fake-client.js';
import { FAKE_KINDS } from './fake-entities.js';
import type { FakeKind } from './fake-entities.js';
import { TOKEN_HEADER } from './fake-wire.js';

const tokenOf = (request: Request): string => request.get(TOKEN_HEADER) ?? '';
// A call is not abandoned with its connection: a cloud finishes what it accepted.
const { signal } = new AbortController();

/** What clients of the cloud use. An unknown thing is `{ found: null }`: 404 is kept for a wrong address. */
export function createDataApi(client: FakeCloudClient): Router {
  const router = express.Router();
  router.post('/tokens', async (request, response) => {
    response.json(await client.issue(request.body as Record<string, string>, signal));
  });
  router.get('/quota', async (request, response) => {
    response.json(await client.quota(tokenOf(request), signal));
  });
  router.get('/images', async (request, response) => {
    response.json(await client.images(tokenOf(request), signal));
  });
  router.post('/instances/:id/power', async (request, response) => {
    await client.power(tokenOf(request), request.params.id, actionOf(request.body), signal);
    response.status(204).end();
  });
  for (const kind of FAKE_KINDS) router.use(`/${kind}`, resourceApi(client[kind] as FakeResourceClient<unknown, unknown>, kind));
  return router;
}

function resourceApi(client: FakeResourceClient<unknown, unknown>, kind: FakeKind): Router {
  const router = express.Router();
  router.post('/', async (request, response) => {
    response.json(await client.create(tokenOf(request), properRequest(kind, request.body), signal));
  });
  router.get('/', async (request, response) => {
    const wanted = request.query['clientToken'];
    if (typeof wanted !== 'string') return void response.json(await client.list(tokenOf(request), signal));
    const found = await client.find(tokenOf(request), wanted, signal);
    response.json(found ? [found] : []);
  });
  router.get('/:id', async (request, response) => {
    response.json({ found: (await client.describe(tokenOf(request), request.params.id, signal)) ?? null });
  });
  router.delete('/:id', async (request, response) => {
    await client.remove(tokenOf(request), request.params.id, signal);
    response.status(204).end();
  });
  return router;
}

type Fields = Readonly<Record<string, unknown>>;
const isText = (value: unknown): boolean => typeof value === 'string';

/** What a request needs for the cloud not to stumble over it; what it means is judged behind the port. */
const PROPER: { readonly [Kind in FakeKind]: (body: Fields) => boolean } = {
  instances: ({ size }) => ['vcpu', 'ramMb', 'diskGb'].every((key) => Number.isFinite((size as Fields | undefined)?.[key])),
  volumes: () => true,
  networks: ({ cidr, gateway, allocation }) => isText(cidr) && (gateway === undefined || isText(gateway)) && ['dynamic', 'static'].includes(allocation as string),
  attachments: ({ volumeId, instanceId, device }) => isText(volumeId) && isText(instanceId) && (device === undefined || isText(device)),
};

function properRequest(kind: FakeKind, body: unknown): Fields {
  const fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
  if (!isText(fields['clientToken']) || !PROPER[kind](fields)) throw new FogbowError('cloud-rejected', `A create of ${kind} lacks something that it needs.`);
  return fields;
}

function actionOf(body: unknown): PowerAction {
  const action = (body as { action?: unknown } | undefined)?.action as PowerAction;
  if (!POWER_ACTIONS.includes(action)) throw new FogbowError('bad-syntax', `action must be one of ${POWER_ACTIONS.join(', ')}.`);
  return action;
}
