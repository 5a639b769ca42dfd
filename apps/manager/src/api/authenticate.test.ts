import express from 'express';
import request from 'supertest';
import { FogbowError } from '@fogbow/plugin-contracts';
import { silentLogger } from '@fogbow/service-runtime';
import { createAuthenticate, forUser } from './authenticate.js';
import { problemHandler } from './json/problem.js';

const authenticate = createAuthenticate({
  timeoutMs: 1000,
  identity: { challenge: 'Token realm="test"', authenticate: (token) => (token === 'broken' ? Promise.reject(new FogbowError('unavailable', 'away')) : Promise.resolve(token === 'good' || token === 'weak' ? { id: token, name: token } : undefined)) },
  authorization: { decide: (user) => Promise.resolve(user.id === 'weak' ? { allowed: false, reason: 'not you' } : { allowed: true }) },
});
const app = express();
app.use((_request, response, next) => { response.locals['requestId'] = 'r'; next(); });
app.get('/', forUser(authenticate, 'order.read', async (user, _request, response) => void response.json(user)));
app.use(problemHandler(silentLogger));

test.each([
  ['no token', {}, 401, 'unauthenticated'],
  ['an unknown token', { 'X-Auth-Token': 'bad' }, 401, 'unauthenticated'],
  ['another scheme', { Authorization: 'Digest good' }, 401, 'unauthenticated'],
  ['Basic without base64', { Authorization: 'Basic good' }, 401, 'unauthenticated'],
  ['a user who may not', { 'X-Auth-Token': 'weak' }, 403, 'forbidden'],
  ['an identity service that is away', { 'X-Auth-Token': 'broken' }, 503, 'unavailable'],
])('%s', async (_name, headers: Record<string, string>, status, code) => {
  const answer = await request(app).get('/').set(headers);
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([status, code]);
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Token realm="test"' : undefined);
});

test.each([{ 'X-Auth-Token': 'good' }, { Authorization: 'Bearer good' }, { Authorization: 'bearer good' }, { Authorization: 'good' }, { Authorization: `Basic ${Buffer.from('good').toString('base64')}` }])('%j is let in', async (headers) => {
  expect((await request(app).get('/').set(headers as Record<string, string>)).body).toEqual({ id: 'good', name: 'good' });
});
