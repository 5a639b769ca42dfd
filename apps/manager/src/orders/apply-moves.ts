import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { statesOf } from './order-move.js';
import type { OrderMove } from './order-move.js';

/** What a caller of a move learns of the order. */
export interface Moved {
  readonly requester: MemberId;
  /** Its machine can be reached already. */
  readonly connected: boolean;
}

/**
 * Applies moves by compare-and-set, with their history and the removals that they make necessary, in one statement:
 * a move is there wholly or not at all, whatever dies when. Answers the ids that moved; an absent id
 * had changed meanwhile.
 * A move frees the order's lease, but for deletion: the worker that is placing the order right now must end first.
 */
export async function applyMoves(database: Kysely<unknown>, moves: readonly OrderMove[]): Promise<Map<string, Moved>> {
  if (moves.length === 0) return new Map();
  const rows = moves.map(toRow);
  const { rows: moved } = await sql<Moved & { id: string }>`
    with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as w(id uuid, from_state text, to_state text, incarnation integer, attempts integer, reason text, patch jsonb, steps jsonb, release jsonb)
    ), moved as (
      update orders o set
        state = w.to_state,
        state_since = clock_timestamp(),
        reason = w.reason,
        lease_owner = case when w.to_state = 'deleted' then o.lease_owner else null end,
        attempts = case when w.to_state = 'open' then 0 else o.attempts end,
        fulfilled_at = case when w.to_state = 'fulfilled' then clock_timestamp() else o.fulfilled_at end,
        provider = case when w.patch ? 'provider' then w.patch ->> 'provider' else o.provider end,
        instance = case when w.patch ? 'instance' then nullif(w.patch -> 'instance', 'null') else o.instance end,
        incarnation = coalesce((w.patch ->> 'incarnation')::integer, o.incarnation),
        failed_boots = coalesce((w.patch ->> 'failedBoots')::integer, o.failed_boots),
        refusals = coalesce(w.patch -> 'refusals', o.refusals),
        explanation = coalesce(w.patch -> 'explanation', o.explanation),
        failure = case when w.patch ? 'failure' then w.patch ->> 'failure' else o.failure end,
        connected = coalesce((w.patch ->> 'connected')::boolean, o.connected),
        next_attempt_at = clock_timestamp() + make_interval(secs => coalesce((w.patch ->> 'nextAttemptInMs')::float8, 0) / 1000)
      from wanted w
      where o.id = w.id and o.state = w.from_state and o.incarnation = w.incarnation and o.attempts = coalesce(w.attempts, o.attempts)
      returning o.id, o.requester, o.owner_id, o.batch_id, o.kind, o.connected, o.provider, w.incarnation, w.reason, w.steps, w.release, (w.patch #>> '{instance,power,value}')::float8 as power
    ), history as (
      insert into order_history (order_id, requester, owner_id, batch_id, kind, from_state, to_state, event, reason, provider, incarnation, power)
      select m.id, m.requester, m.owner_id, m.batch_id, m.kind, s.from_state, s.to_state, s.event, m.reason, m.provider, m.incarnation, case when s.to_state = 'fulfilled' then m.power end
      from moved m cross join lateral jsonb_to_recordset(m.steps) as s(from_state text, to_state text, event text)
    ), released as (
      insert into releases (order_id, kind, incarnation, member)
      select m.id, m.kind, m.incarnation, r.member from moved m cross join lateral jsonb_array_elements_text(m.release) as r(member)
      on conflict (order_id, incarnation, member) do update set next_attempt_at = now()
    )
    select id, requester, connected from moved`.execute(database);
  return new Map(moved.map(({ id, requester, connected }) => [id, { requester, connected }]));
}

function toRow(move: OrderMove): Record<string, unknown> {
  const states = statesOf(move);
  return {
    id: move.id,
    from_state: move.from,
    to_state: states.at(-1),
    incarnation: move.incarnation,
    attempts: move.attempts ?? null,
    reason: move.reason,
    patch: move.patch ?? {},
    steps: move.events.map((event, index) => ({ event, from_state: index === 0 ? move.from : states[index - 1], to_state: states[index] })),
    release: move.release ?? [],
  };
}
