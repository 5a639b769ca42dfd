import express from 'express';
import request from 'supertest';
import { FogbowError } from '@fogbow/plugin-contracts';
import { createMemoryMemberTable } from '../members/memory-member-table.js';
import { membersApi } from './members-api.js';

const time = { ms: 0 };
const table = createMemoryMemberTable({ clock: { uptime: () => time.ms }, timeoutMs: 500, maxMembers: 10 });
const clock = { now: () => new Date(1_000_000 + time.ms) };
const serve = (over = table) => request(express().set('query parser', 'simple').use(membersApi({ table: over, clock, pageMax: 2, timeoutMs: 500 })));

beforeAll(async () => {
  await table.announce({ id: 'gone.test' });
  time.ms = 1000;
  for (const id of ['b.test', 'a.test', 'c.test']) await table.announce({ id, certificate: 'long' });
  time.ms = 1100;
});

it('lists the living in pages', async () => {
  const first = await serve().get('/members').expect(200);
  expect(first.body).toEqual({
    members: ['a.test', 'b.test'].map((id) => ({ id, lastSeen: '1970-01-01T00:16:41.000Z', expires: '1970-01-01T00:16:41.500Z' })),
    total: 3, next: 'b.test',
  });
  const second = await serve().get('/members?after=b.test').expect(200);
  expect(second.body).toMatchObject({ members: [{ id: 'c.test' }], total: 3 });
  expect(second.body).not.toHaveProperty('next');
});

it.each([['before=c.test', ['a.test', 'b.test']], ['before=', ['b.test', 'c.test']], ['index=2', ['c.test']], ['max=0', []]])('lists %s', async (query, ids) => {
  const { body } = await serve().get(`/members?${query}`).expect(200);
  expect((body as { members: { id: string }[] }).members.map(({ id }) => id)).toEqual(ids);
});

it.each([
  ['max=x', 400, 'bad-syntax'], ['max=-1', 400, 'bad-syntax'], ['after=a.test&after=b.test', 400, 'bad-syntax'], ['after=a.test&index=1', 400, 'bad-syntax'],
  ['after=gone.test', 404, 'not-found'], ['index=9', 404, 'not-found'],
])('refuses %s', async (query, status, code) => {
  const { body } = await serve().get(`/members?${query}`).expect(status);
  expect(body).toMatchObject({ error: { code } });
});

it('says that it cannot tell now', async () => {
  const { body } = await serve({ ...table, page: () => Promise.reject(new FogbowError('unavailable', 'Redis is away.')) }).get('/members').expect(503);
  expect(body).toMatchObject({ error: { code: 'unavailable' } });
});
