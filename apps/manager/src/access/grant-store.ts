import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { GivenService, TunnelEndpoint, TunnelGrant } from '@fogbow/queues';

export interface StoredGrant extends TunnelGrant {
  readonly orderId: string;
  readonly services: readonly GivenService[];
  /** Where the machine is, or will dial first. */
  readonly endpoint: TunnelEndpoint;
  /** All that the machine was told; absent: that one. */
  readonly endpoints?: readonly TunnelEndpoint[];
}

/** Every grant and its ports, as the Manager's database knows them: a tunnel that lost its own memory gets them from here. */
export interface GrantStore {
  add(grants: readonly StoredGrant[]): Promise<void>;
  get(id: string): Promise<StoredGrant | undefined>;
  getMany(ids: readonly string[]): Promise<readonly StoredGrant[]>;
  /** As its tunnel says it is now; a grant that is not there any more stays so. */
  setServices(id: string, services: readonly GivenService[]): Promise<void>;
  has(id: string): Promise<boolean>;
  remove(id: string): Promise<void>;
  /** Drops those older than `olderThanMs` that no order and no pending removal can still need. */
  removeUnneeded(olderThanMs: number): Promise<void>;
  /** All of them and the time of the look, by the database's clock: whatever is stored later is younger than it. */
  all(): Promise<{ readonly grants: readonly StoredGrant[]; readonly asOf: Date }>;
}

interface Row { id: string; order_id: string; secret_hash: string; owner: string; services: GivenService[]; endpoint: TunnelEndpoint; endpoints: TunnelEndpoint[] | null }

const toGrant = (row: Row): StoredGrant =>
  ({ id: row.id, orderId: row.order_id, secretHash: row.secret_hash, owner: row.owner, services: row.services, endpoint: row.endpoint, ...(row.endpoints ? { endpoints: row.endpoints } : {}) });

export function createGrantStore(database: Kysely<unknown>): GrantStore {
  const get = async (id: string): Promise<StoredGrant | undefined> => {
    const { rows } = await sql<Row>`select * from tunnel_grants where id = ${id}`.execute(database);
    return rows[0] && toGrant(rows[0]);
  };
  return {
    get,
    async getMany(ids) {
      const { rows } = await sql<Row>`select * from tunnel_grants where id = any(${[...ids]}::text[])`.execute(database);
      return rows.map(toGrant);
    },
    async setServices(id, services) {
      await sql`update tunnel_grants set services = ${JSON.stringify(services)}::jsonb where id = ${id}`.execute(database);
    },
    has: async (id) => await get(id) !== undefined,
    async add(grants) {
      if (grants.length === 0) return;
      const rows = grants.map((grant) => ({ ...grant, order_id: grant.orderId, secret_hash: grant.secretHash }));
      await sql`insert into tunnel_grants (id, order_id, secret_hash, owner, services, endpoint, endpoints)
        select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g(id text, order_id uuid, secret_hash text, owner text, services jsonb, endpoint jsonb, endpoints jsonb)
        on conflict (id) do update set services = excluded.services, endpoint = excluded.endpoint, endpoints = excluded.endpoints`.execute(database);
    },
    async remove(id) {
      await sql`delete from tunnel_grants where id = ${id}`.execute(database);
    },
    async removeUnneeded(olderThanMs) {
      await sql`delete from tunnel_grants g where g.created_at < now() - make_interval(secs => ${olderThanMs / 1000})
        and not exists (select 1 from orders o where o.id = g.order_id and g.id = o.id || '-' || o.incarnation and o.state not in ('closed', 'failed', 'pending'))
        and not exists (select 1 from releases r where r.order_id = g.order_id and g.id = r.order_id || '-' || r.incarnation)`.execute(database);
    },
    async all() {
      const now = await sql<{ now: Date }>`select now() as now`.execute(database);
      const { rows } = await sql<Row>`select * from tunnel_grants order by id`.execute(database);
      return { grants: rows.map(toGrant), asOf: (now.rows[0] as { now: Date }).now };
    },
  };
}
