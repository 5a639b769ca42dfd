import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { awaitAcquaintance } from './await-acquaintance.js';
import type { FederationMember } from './federation-file.js';

let servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
});

/** A manager that knows one more member with each question. */
async function manager(token: string): Promise<FederationMember> {
  let asked = 0;
  const server = createServer((request, response) => {
    if (request.headers['x-auth-token'] !== token) return void response.writeHead(401).end();
    asked += 1;
    response.end(JSON.stringify({ members: [{ alive: true }, { alive: asked > 2 }] }));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return { managerUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, users: [{ name: 'alice', token }] } as unknown as FederationMember;
}

it('waits until each manager has heard of all', async () => {
  await expect(awaitAcquaintance([await manager('one'), await manager('two')], new AbortController().signal)).resolves.toBe(true);
});

it('ends when the start is given up', async () => {
  const stranger = { ...await manager('one'), users: [] };
  const given = new AbortController();
  const waiting = awaitAcquaintance([stranger, stranger], given.signal);
  given.abort();
  await expect(waiting).resolves.toBe(true);
});

it('does not wait for a member that is alone', async () => {
  await expect(awaitAcquaintance([], new AbortController().signal)).resolves.toBe(true);
});
