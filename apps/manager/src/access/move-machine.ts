import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ServiceEvent, TunnelEndpoint, TunnelPlace } from '@fogbow/queues';

/**
 * Of all that hosts of the tunnel say about a machine the newest counts: what its newest session says, and of that the last word. So neither a host that finds out late that a machine has left it,
 * nor one that tells again what was so, changes where users are sent. Answers false for a word that is older than what is known. Runs within a transaction, whose lock on the grant
 * makes two words wait for each other.
 */
export async function moveMachine(transaction: Kysely<unknown>, { type, grantId, since, at, where }: ServiceEvent): Promise<boolean> {
  const { rows } = await sql<{ endpoint: TunnelEndpoint; endpoints: TunnelEndpoint[] | null; is_older: boolean }>`select endpoint, endpoints,
    ${since ?? null}::timestamptz is not null and (session_since, coalesce(heard_at, '-infinity')) > (${since ?? null}::timestamptz, ${at ?? null}::timestamptz) is true as is_older
    from tunnel_grants where id = ${grantId} for update`.execute(transaction);
  const [grant] = rows;
  if (grant?.is_older) return false;
  // Of a grant that is not written down yet, and of a tunnel that does not say more, every word counts.
  if (!grant || since === undefined) return true;
  const endpoint = type === 'service-up' && where && isSane(where) ? placed([...grant.endpoints ?? [], grant.endpoint], grant.endpoint, where) : grant.endpoint;
  await sql`update tunnel_grants set session_since = ${since}::timestamptz, heard_at = ${at}::timestamptz, endpoint = ${JSON.stringify(endpoint)}::jsonb where id = ${grantId}`.execute(transaction);
  return true;
}

/** Pure: the endpoint that the place is; its public host and its web port are as the host says now. */
function placed(known: readonly TunnelEndpoint[], present: TunnelEndpoint, { dialHost, dialPort, publicHost, web }: TunnelPlace): TunnelEndpoint {
  const { web: knownWeb, ...told } = known.find((one) => one.dialHost === dialHost && one.dialPort === dialPort) ?? { ...present, dialHost, dialPort };
  return { ...told, publicHost, ...(web ? { web: { ...(knownWeb?.ca === undefined ? {} : { ca: knownWeb.ca }), ...web } } : {}) };
}

const HOST = /^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$/;
const isHost = (value: unknown): boolean => typeof value === 'string' && HOST.test(value);

/** The tunnel stands in the DMZ, and what it says ends in headers and answers. */
function isSane({ dialHost, dialPort, publicHost, web }: TunnelPlace): boolean {
  const isWeb = web === undefined || (typeof web.url === 'string' && /^https?:\/\/[^\s"<>]{1,300}$/.test(web.url) && (web.domain === undefined || isHost(web.domain)));
  return isHost(dialHost) && isHost(publicHost) && Number.isInteger(dialPort) && dialPort > 0 && dialPort < 65_536 && isWeb;
}
