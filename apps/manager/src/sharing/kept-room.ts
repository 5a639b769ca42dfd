import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Amount } from '@fogbow/request-model';

/** Room that was made for one order. */
export interface KeptRoom {
  readonly orderId: string;
  readonly amount: Amount;
}

export interface KeptRoomStore {
  /** While the order is open, and for at most so long. */
  keep(orderId: string, amount: Amount, forMs: number): Promise<void>;
  list(): Promise<readonly KeptRoom[]>;
}

export function createKeptRoomStore(database: Kysely<unknown>): KeptRoomStore {
  return {
    async keep(orderId, amount, forMs) {
      await sql`delete from kept_room where until <= now()`.execute(database);
      await sql`insert into kept_room (order_id, amount, until) values (${orderId}, ${JSON.stringify(amount)}::jsonb, now() + make_interval(secs => ${forMs / 1000}))
        on conflict (order_id) do update set amount = excluded.amount, until = excluded.until`.execute(database);
    },
    async list() {
      const { rows } = await sql<KeptRoom>`
        select k.order_id as "orderId", k.amount from kept_room k join orders o on o.id = k.order_id where o.state = 'open' and k.until > now()`.execute(database);
      return rows;
    },
  };
}
