import express from 'express';
import type { Request, Router } from 'express';
import type { InstanceRequest } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { FakeCloudClient } from './fake-client.js';
import { TOKEN_HEADER } from './fake-wire.js';

const tokenOf = (request: Request): string => request.get(TOKEN_HEADER) ?? '';

/** What clients of the cloud use. An unknown machine is `{ instance: null }`: 404 is kept for a wrong address. */
export function createDataApi(client: FakeCloudClient): Router {
  const router = express.Router();
  // A call is not abandoned with its connection: a cloud finishes what it accepted.
  const { signal } = new AbortController();
  router.post('/tokens', async (request, response) => {
    response.json(await client.issue(request.body as Record<string, string>, signal));
  });
  router.post('/instances', async (request, response) => {
    response.json(await client.create(tokenOf(request), instanceRequest(request.body), signal));
  });
  router.get('/instances', async (request, response) => {
    const wanted = request.query['clientToken'];
    if (typeof wanted !== 'string') return void response.json(await client.list(tokenOf(request), signal));
    const found = await client.find(tokenOf(request), wanted, signal);
    response.json(found ? [found] : []);
  });
  router.get('/instances/:id', async (request, response) => {
    response.json({ instance: (await client.describe(tokenOf(request), request.params.id, signal)) ?? null });
  });
  router.delete('/instances/:id', async (request, response) => {
    await client.remove(tokenOf(request), request.params.id, signal);
    response.status(204).end();
  });
  router.get('/quota', async (request, response) => {
    response.json(await client.quota(tokenOf(request), signal));
  });
  return router;
}

function instanceRequest(body: unknown): InstanceRequest {
  const request = body as Partial<InstanceRequest> | undefined;
  const { vcpu, ramMb, diskGb } = request?.size ?? {};
  if (typeof request?.clientToken !== 'string' || ![vcpu, ramMb, diskGb].every(Number.isFinite)) {
    throw new FogbowError('cloud-rejected', 'A create needs clientToken and size.');
  }
  return request as InstanceRequest;
}
