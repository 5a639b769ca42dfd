import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import express, { json } from 'express';
import type { Express } from 'express';
import pg from 'pg';
import { createHttpServer, listen } from '@fogbow/service-runtime';

/**
 * What the Manager's API is compared with: bare Express, tuned as the Manager's own server is, one prepared SQL statement for each request, and
 * nothing else. No users, no tags, no request ids, no limits, no checks of what comes in.
 */
export function createBareExpress(pool: pg.Pool, requester: string, owner: string): Express {
  const app = express();
  app.get('/v1/orders', async (_request, response) => {
    const { rows } = await pool.query<Row>({ name: 'list', text: LIST, values: [requester, owner] });
    const orders = rows.slice(0, 50).map(orderOf);
    const last = orders.at(-1);
    response.json({ orders, next: rows.length > 50 && last ? Buffer.from(`${last.createdAt} ${last.id}`).toString('base64url') : undefined });
  });
  app.get('/v1/orders/:id', async (request, response) => {
    const { rows } = await pool.query<Row & Move>({ name: 'one', text: ONE, values: [request.params.id, requester, owner] });
    const row = rows[0];
    if (!row) return void response.status(404).end();
    response.json({ ...orderOf(row), history: rows.map(moveOf) });
  });
  app.post('/v1/orders', json(), async (request, response) => {
    const id = randomUUID();
    const { validFrom, ...spec } = request.body as { validFrom: string };
    await pool.query({ name: 'insert', text: INSERT, values: [id, randomUUID(), requester, JSON.stringify(spec), validFrom] });
    response.status(201).set('Location', `/v1/orders/${id}`).json({ ids: [id], orders: [{ id, href: `/v1/orders/${id}` }] });
  });
  return app;
}

const COLUMNS = ['id', 'batch_id', 'kind', 'type', 'state', 'reason', 'failure', 'created_at', 'state_since', 'requester', 'provider', 'instance', 'spec', 'valid_from', 'valid_until', 'explanation']
  .map((column) => `o.${column}`).join(', ');
const LIST = `select ${COLUMNS} from orders o where o.requester = $1 and o.owner_id = $2 order by o.created_at desc, o.id desc limit 51`;
const ONE = `select ${COLUMNS}, h.at, h.from_state, h.to_state, h.event, h.reason as move_reason, h.provider as move_provider, h.incarnation
  from orders o join order_history h on h.order_id = o.id where o.id = $1 and o.requester = $2 and o.owner_id = $3 order by h.id`;
const INSERT = `insert into orders (id, batch_id, kind, type, state, owner_id, owner_name, requester, spec, valid_from, next_attempt_at, reason)
  values ($1, $2, 'compute', 'one-time', 'open', 'writer', 'writer', $3, $4, $5, $5, 'its validity has not begun')`;

interface Row {
  id: string; batch_id: string; kind: string; type: string; state: string; reason: string | null; failure: string | null; created_at: Date; state_since: Date;
  requester: string; provider: string | null; instance: Instance | null; spec: Record<string, unknown>; valid_from: Date | null; valid_until: Date | null; explanation: unknown;
}

interface Instance { id: string; sshAddress?: { host: string; port: number }; sshUsername?: string }

interface Move { at: Date; from_state: string | null; to_state: string; event: string; move_reason: string | null; move_provider: string | null; incarnation: number }

function orderOf(row: Row) {
  const { instance, spec } = row;
  return {
    id: row.id, batchId: row.batch_id, kind: row.kind, type: row.type, state: row.state, reason: row.reason ?? undefined, failure: row.failure ?? undefined,
    createdAt: row.created_at.toISOString(), stateSince: row.state_since.toISOString(), requestingMember: row.requester, providingMember: row.provider ?? undefined,
    instanceId: instance ? `${instance.id}@${row.provider}` : undefined,
    ssh: instance?.sshAddress && { ...instance.sshAddress, username: instance.sshUsername },
    title: spec['title'], flavor: spec['flavor'], image: spec['image'], requirements: spec['requirements'], publicKey: spec['publicKey'], userData: spec['userData'],
    validFrom: row.valid_from?.toISOString(), validUntil: row.valid_until?.toISOString(), placement: row.explanation ?? [],
  };
}

const moveOf = (row: Move) => ({
  at: row.at.toISOString(), to: row.to_state, event: row.event, incarnation: row.incarnation,
  from: row.from_state ?? undefined, reason: row.move_reason ?? undefined, provider: row.move_provider ?? undefined,
});

export interface PeerProcess {
  readonly port: number;
  stop(): Promise<void>;
}

const PEER = '--bare-express';

/** The peer in a process of its own: this same program, told to be the peer. */
export async function startBareExpress(databaseUrl: string, requester: string, owner: string): Promise<PeerProcess> {
  const child = spawn(process.execPath, [String(process.argv[1]), PEER, databaseUrl, requester, owner], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The bare server did not start.')));
    child.stdout.once('data', (bytes: Buffer) => resolve(Number(String(bytes))));
  });
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** True when this process is the peer: then it serves until its parent ends it, or is gone. */
export async function isBareExpress([option, url, requester = '', owner = '']: readonly string[]): Promise<boolean> {
  if (option !== PEER || !url) return false;
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const server = createHttpServer(createBareExpress(pool, requester, owner));
  process.stdin.resume().once('end', () => process.exit(0));
  process.stdout.write(`${await listen(server, '127.0.0.1', 0)}\n`);
  return true;
}
