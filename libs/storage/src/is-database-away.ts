/** Classes and codes of SQLSTATE that speak of the server and not of the statement: connection, shutdown, start, disk full, no memory, too many connections, a standby. */
const AWAY_STATES = /^(?:08...|57P0[1-5]|53[123]00|25006)$/;
const DISK_FULL = '53100';
const AWAY_SYSTEM = ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'];
/** The driver's own errors carry no code. */
const AWAY_TEXTS = /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Did this statement fail because the disk of the database has no room? Then {@link isDatabaseAway} is true as well. */
export const isDiskFull = (error: unknown): boolean => (error as { code?: unknown } | null | undefined)?.code === DISK_FULL;

/** Did this statement fail because the database cannot be reached, is shutting down or has no room? Then the same statement may succeed later. */
export function isDatabaseAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, errors, message, syscall } = error as { code?: unknown; errors?: unknown; message?: unknown; syscall?: unknown };
  // One error for each address of a host that has several.
  if (Array.isArray(errors)) return errors.length > 0 && errors.every(isDatabaseAway);
  if (typeof code === 'string') return AWAY_STATES.test(code) || (syscall !== undefined && AWAY_SYSTEM.includes(code));
  return typeof message === 'string' && AWAY_TEXTS.test(message);
}
