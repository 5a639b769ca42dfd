import express from 'express';
import request from 'supertest';
import { systemClock } from '@fogbow/service-runtime';
import { createMemberRegistry } from '../members/member-registry.js';
import { membersApi } from './members-api.js';

const registry = createMemberRegistry();
for (const id of ['b.test', 'a.test', 'c.test']) registry.announce({ id, lastSeen: new Date(1000), timeoutMs: 500, certificate: 'secret?' });
registry.announce({ id: 'gone.test', lastSeen: new Date(0), timeoutMs: 500 });
const app = express().set('query parser', 'simple').use(membersApi({ registry, clock: { ...systemClock, now: () => new Date(1100) }, pageMax: 2 }));

it('lists the living in pages', async () => {
  const first = await request(app).get('/members').expect(200);
  expect(first.body).toEqual({
    members: ['a.test', 'b.test'].map((id) => ({ id, lastSeen: '1970-01-01T00:00:01.000Z', expires: '1970-01-01T00:00:01.500Z' })),
    total: 3, next: 'b.test',
  });
  const second = await request(app).get('/members?after=b.test').expect(200);
  expect(second.body).toMatchObject({ members: [{ id: 'c.test' }], total: 3 });
  expect(second.body).not.toHaveProperty('next');
});

it.each([['max=x', 400, 'bad-syntax'], ['max=-1', 400, 'bad-syntax'], ['after=a.test&after=b.test', 400, 'bad-syntax'], ['after=gone.test', 404, 'not-found']])(
  'refuses %s', async (query, status, code) => {
    const { body } = await request(app).get(`/members?${query}`).expect(status);
    expect(body).toMatchObject({ error: { code } });
  });
