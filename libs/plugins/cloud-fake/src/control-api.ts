import express from 'express';
import type { Response, Router } from 'express';
import { FAKE_KINDS } from './fake-entities.js';
import type { FakeCloudState } from './fake-state.js';
import type { InProcessClient } from './in-process-client.js';

/** What tests and people use to stage failures; without authentication, so it is offered on loopback only. */
export function createControlApi(state: FakeCloudState, client: InProcessClient): Router {
  const router = express.Router();
  const done = (response: Response, known: boolean): void => {
    response.status(known ? 204 : 404).end();
  };
  router.get('/knobs', (_request, response) => void response.json(shown(state)));
  router.put('/knobs', (request, response) => {
    state.turn(request.body as unknown);
    response.json(shown(state));
  });
  for (const kind of FAKE_KINDS) {
    router.get(`/${kind}`, (_request, response) => void response.json(state.all(kind)));
    router.post(`/${kind}/:id/vanish`, (request, response) => done(response, state.vanish(request.params.id ?? '')));
    router.post(`/${kind}/:id/fail`, (request, response) => done(response, state.fail(request.params.id ?? '')));
  }
  router.post('/tokens/expire', (_request, response) => {
    state.expireTokens();
    response.status(204).end();
  });
  router.get('/calls', (_request, response) => void response.json(client.calls()));
  router.delete('/calls', (_request, response) => {
    client.forgetCalls();
    response.status(204).end();
  });
  return router;
}

function shown(state: FakeCloudState): Record<string, unknown> {
  const { password, ...knobs } = state.knobs();
  return { ...knobs, password: password === null ? null : '***' };
}
