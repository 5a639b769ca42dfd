import type pg from 'pg';
import { BENCH_MEMBER } from './bench-manager.js';

/** The oldest orders of every owner: so few have a rare value of what lists are narrowed by, however many orders the owner has. */
const RARE = 30;
const BATCH = 40;

/**
 * Orders of one owner as years of use leave them: most ended, some running, one a second, forty a batch, each with its history and account. The same
 * number always gives the same orders, and the newest and the oldest ones are alike whatever the number is.
 */
export async function seedOrders(client: pg.Pool, owner: string, count: number): Promise<void> {
  await client.query(`
    insert into orders (id, batch_id, kind, type, state, owner_id, owner_name, requester, provider, spec, instance, created_at, reason, explanation, refusals, fulfilled_at, valid_until)
    select ${uuidOf("'order ' || $1::text || ' ' || i")}, ${uuidOf(`'batch ' || $1::text || ' ' || i / ${BATCH}`)},
      case when i < ${RARE} then 'network' when i % 5 = 0 then 'storage' else 'compute' end,
      case when i < ${RARE} then 'persistent' else 'one-time' end,
      case when i < ${RARE} then 'failed' when i % 4 = 0 then 'fulfilled' else 'closed' end,
      $1::text, $1::text, $3::text, case when i < ${RARE} then 'manager.rare.example' when i % 3 = 0 then 'manager.other.example' else $3::text end,
      '{"flavor": "small", "title": "worker node", "publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXOgoIDHKzhAcxNgHYVY9lPkM3lVJPyAcmCkFW0V7NB bench@example.org"}',
      jsonb_build_object('id', 'vm-' || $1::text || '-' || i), now() - make_interval(secs => $2::integer - i), 'the machine runs',
      jsonb_build_array(jsonb_build_object('member', $3::text, 'verdict', 'chosen')), '{}', now() - make_interval(secs => $2::integer - i), null
    from generate_series(0, $2::integer - 1) as i`, [owner, count, BENCH_MEMBER]);
  await client.query(`
    insert into order_history (order_id, requester, owner_id, batch_id, kind, at, from_state, to_state, event, reason, provider, incarnation)
    select o.id, o.requester, o.owner_id, o.batch_id, o.kind, o.created_at, m.from_state, m.to_state, m.event, o.reason, o.provider, 1
    from orders o cross join (values (null, 'open', 'submitted'), ('open', 'spawning', 'accepted-here'), ('spawning', 'fulfilled', 'ready')) as m(from_state, to_state, event)
    where o.owner_id = $1::text order by o.created_at`, [owner]);
  await client.query(`
    insert into order_accounts (order_id, requester, owner_id, owner_name, kind, flavor) select id, requester, owner_id, owner_name, kind, 'small' from orders where owner_id = $1`, [owner]);
}

/** SQL: always the same id, of version 4 in its form, for the same text. */
const uuidOf = (text: string): string => `overlay(overlay(md5(${text}) placing '4' from 13) placing '8' from 17)::uuid`;
