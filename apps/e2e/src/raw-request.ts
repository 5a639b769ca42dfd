import http from 'node:http';

/** A request with every header as given: repeated, odd or missing. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const TIMEOUT_MS = 15_000;

/** Rejects only when no answer comes, or one that is no HTTP. */
export function sendRaw(baseUrl: string, { method, path, headers = {}, body = '' }: RawRequest, agent: http.Agent | false = false): Promise<RawAnswer> {
  const base = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const given = { ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])), ...(body ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}) };
    const request = http.request({ host: base.hostname, port: base.port, method, path, headers: given, agent, timeout: TIMEOUT_MS, maxHeaderSize: 256 * 1024 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('timeout', () => request.destroy(new Error(`No answer to ${method} ${path} within ${TIMEOUT_MS / 1000} s.`)));
    request.on('error', reject);
    request.end(body);
  });
}
