export type RawHeaders = readonly string[];

/** Of one connection, never of the next (RFC 9110 §7.6.1), and what a proxy before us would say of the client, which we say ourselves. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
const SAID_BY_US = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'x-real-ip', 'forwarded'];

const FRAMING = ['host', 'content-length'];

export interface Client {
  readonly address: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

/**
 * Pure: the headers of a request as the machine gets them. The names of headers, their order and repeated ones stay; `Expect` is
 * answered here. A body whose length is not known stays one.
 */
export function toMachine(raw: RawHeaders, client: Client, upgrade?: string): string[] {
  const isChunked = pairs(raw).some(([name, value]) => name.toLowerCase() === 'transfer-encoding' && /chunked/i.test(value));
  return [
    ...kept(raw, [...SAID_BY_US, 'expect']),
    'X-Forwarded-For', client.address, 'X-Forwarded-Host', client.host, 'X-Forwarded-Proto', client.scheme, 'X-Forwarded-Port', String(client.port),
    ...(isChunked ? ['Transfer-Encoding', 'chunked'] : []),
    ...(upgrade === undefined ? [] : ['Connection', 'Upgrade', 'Upgrade', upgrade]),
  ];
}

/** Pure: the headers of an answer as the user gets them. A machine cannot set cookies for its neighbours under the same domain. */
export function toUser(raw: RawHeaders, host: string): string[] {
  return pairs(kept(raw, [])).flatMap(([name, value]) => [name, name.toLowerCase() === 'set-cookie' ? withoutForeignDomain(value, host) : value]);
}

function kept(raw: RawHeaders, dropped: readonly string[]): string[] {
  // What says where a request ends, and for whom it is, is never for the connection alone: without it the machine would read another request than we did.
  const named = pairs(raw).flatMap(([name, value]) => (name.toLowerCase() === 'connection' ? value.toLowerCase().split(',').map((one) => one.trim()) : [])).filter((name) => !FRAMING.includes(name));
  const gone = new Set([...HOP_BY_HOP, ...dropped, ...named]);
  return pairs(raw).filter(([name]) => !gone.has(name.toLowerCase())).flat();
}

const pairs = (raw: RawHeaders): [string, string][] => Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? '']);

const withoutForeignDomain = (cookie: string, host: string): string =>
  cookie.split(';').filter((part, index) => index === 0 || !/^\s*domain\s*=/i.test(part) || part.split('=')[1]?.trim().toLowerCase().replace(/^\./, '') === host).join(';');
