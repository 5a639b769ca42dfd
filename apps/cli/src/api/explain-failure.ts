import { CliError, EXIT } from '../cli-error.js';

const TRANSPORT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (connection refused)',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'the host did not answer in time',
  ECONNABORTED: 'no answer came in time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  EPROTO: 'it does not speak TLS as asked',
};
const CERTIFICATE = /CERT|SIGNATURE/;

/** A call that got no answer. */
export function unreachable(url: string, code: string | undefined, cause: unknown): CliError {
  const why = TRANSPORT[code ?? ''] ?? (cause instanceof Error ? cause.message : 'unknown reason');
  const advice = CERTIFICATE.test(code ?? '')
    ? 'Trust its authority with NODE_EXTRA_CA_CERTS=FILE, or use the address that the certificate is for.'
    : 'Is the Manager running, and is this its address? Set another with --url URL, FOGBOW_URL or: fogbow login --url URL';
  return new CliError(`Cannot reach ${url}: ${why}.`, EXIT.unreachable, { advice, cause });
}

/** An answer other than 2xx: problem details (RFC 9457), or whatever text came. */
export function refusal(url: string, status: number, body: unknown): CliError {
  const problem = asProblem(body);
  const text = problem?.detail ?? problem?.title ?? plainText(body) ?? `The Manager answered ${status}.`;
  const marks = [problem?.code, `HTTP ${status}`, problem?.requestId && `request ${problem.requestId}`].filter(Boolean).join(', ');
  const advice = adviceFor(url, status, idsOf(body));
  return new CliError(`${text} (${marks})`, EXIT.refused, { status, ...(advice ? { advice } : {}), ...(problem?.code ? { code: problem.code } : {}) });
}

export function notAManager(url: string): CliError {
  return new CliError(`${url} answers, but not as a Fogbow Manager does.`, EXIT.refused, { advice: 'Check the address: --url URL, FOGBOW_URL or: fogbow login --url URL' });
}

function adviceFor(url: string, status: number, ids: readonly string[]): string | undefined {
  if (status === 409 && ids.length > 0) return `Delete what is in the way first: fogbow order delete ${ids.join(' ')}`;
  if (status === 401) return `Log in with: fogbow login --url ${url}`;
  if (status === 419) return 'See what is left with: fogbow quota';
  if (status === 429) return 'Wait a little and try again.';
  return undefined;
}

const ORDER_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The orders that the answer is about. They end up in a command line that is shown: nothing else is taken. */
function idsOf(body: unknown): readonly string[] {
  const ids = typeof body === 'object' && body !== null && 'ids' in body ? body.ids : [];
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string' && ORDER_ID.test(id)) : [];
}

interface Problem { readonly detail?: string; readonly title?: string; readonly code?: string; readonly requestId?: string }

function asProblem(body: unknown): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const texts = Object.entries(body).filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(texts) as Problem;
}

/** Error pages of proxies are not worth showing. */
function plainText(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined;
  const text = body.trim();
  return text === '' || text.startsWith('<') || text.length > 500 ? undefined : text;
}
