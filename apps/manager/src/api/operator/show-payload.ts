/** What may be seen of a job: who, where, which, when. Of all else only that it is there: it may be a token, a key, or what a user wrote for a machine. */
const SHOWN: ReadonlySet<string> = new Set([
  'orderIds', 'manager', 'grants', 'ids', 'id', 'asOf', 'type', 'grantId', 'services', 'service', 'name', 'kind', 'port', 'byMachine', 'at', 'since', 'where', 'endpoint', 'endpoints', 'alive', 'dialHost', 'dialPort', 'publicHost',
  'how', 'to', 'message', 'timeoutMs', 'until', 'error', 'code', 'refused', 'limits', 'connections', 'bytesPerSecond', 'idleSeconds', 'origin', 'requestId',
]);
const HIDDEN = '(not shown)';
const DEEPEST = 8;

/** Payload or answer of a job as operators see it. */
export function showPayload(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => showPayload(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, SHOWN.has(name) ? showPayload(inner, depth + 1) : HIDDEN]));
}
