import { sql } from 'kysely';
import type { PostgresPool, PostgresPoolClient, RawBuilder } from 'kysely';

const MARK = '/* prepared';
const TUPLES = `${MARK} tuples */`;

/**
 * At the head of a statement: PostgreSQL reads it once for each connection instead of each time, and may keep its plan. For the few statements
 * that run all the time. Name the columns: a prepared `select *` fails when another process adds one. Write the statement so that one plan
 * suits all its values.
 */
export const PREPARED: RawBuilder<unknown> = sql.raw(`${MARK} */`);

/**
 * The same, and each row comes as an array of its columns. The driver copies an empty row for every row it reads, by a way that is slow in a process
 * that has seen rows of many shapes; arrays have one shape.
 */
export const PREPARED_TUPLES: RawBuilder<unknown> = sql.raw(TUPLES);

/** So many different statements are prepared, so that a connection's memory is bounded; more are run as they come. */
const MOST_STATEMENTS = 200;

interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rowMode?: 'array';
}

/** What of the driver's client is used; its own types know many more forms. */
interface Client {
  query(query: Query, done: (error: Error | null, result: unknown) => void): unknown;
  release(): void;
}

/** The same pool, whose clients prepare the statements that are marked. */
export function preparingPool(pool: { connect(): Promise<unknown>; end(): Promise<void> }, failed: (error: unknown) => void = () => undefined): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    if (!text.startsWith(MARK)) return undefined;
    if (!names.has(text) && names.size < MOST_STATEMENTS) names.set(text, `fogbow_${names.size + 1}`);
    return names.get(text);
  };
  const clients = new WeakMap<Client, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect() as Client;
      // Kysely knows a connection by its client, so that this must be the same one each time.
      const known = clients.get(client) ?? preparingClient(client, nameOf, failed);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

/**
 * The driver is asked with a callback: its own promises hold on to one another, and with them to the rows, until a full collection of garbage; small
 * collections copied a third of all memory for that, which took a third of the time of a list.
 */
function preparingClient(client: Client, nameOf: (text: string) => string | undefined, failed: (error: unknown) => void): PostgresPoolClient {
  const query = (text: string, values: readonly unknown[]): Promise<unknown> => {
    const name = nameOf(text);
    const asked: Query = { text, values, ...(name ? { name } : {}), ...(text.startsWith(TUPLES) ? { rowMode: 'array' } : {}) };
    return new Promise((resolve, reject) => client.query(asked, (error, result) => {
      if (!error) return resolve(result);
      failed(error);
      reject(error);
    }));
  };
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
}
