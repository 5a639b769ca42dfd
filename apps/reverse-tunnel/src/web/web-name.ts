/** A service as its web name says: `NAME--ORDER.<domain>`. */
export interface WebTarget {
  readonly service: string;
  readonly orderId: string;
}

/** What a request is for. */
export type Destination = { readonly kind: 'api' } | { readonly kind: 'service'; readonly target: WebTarget } | { readonly kind: 'nothing' };

/** With the 36 characters of an order's id and two dashes it fits the 63 of a DNS label (RFC 1035). */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,23}[a-z0-9])?$/;
const ORDER = /^[a-z0-9][a-z0-9-]{0,61}$/;

/** May a web service be called so? `xn--` begins the names of another alphabet, and two dashes end ours. */
export const isWebName = (name: string): boolean => NAME.test(name) && !name.includes('--') && name !== 'xn';

/** Pure: what the Host header asks for. Everything below the domain is a service or nothing, so that no service can stand where the API is looked for. */
export function readDestination(host: string | undefined, domain: string | undefined): Destination {
  const name = nameOf(host ?? '');
  if (domain === undefined || !name.endsWith(`.${domain}`)) return { kind: 'api' };
  const label = name.slice(0, -domain.length - 1);
  const at = label.indexOf('--');
  const [service, orderId] = [label.slice(0, Math.max(at, 0)), label.slice(at + 2)];
  return at > 0 && isWebName(service) && ORDER.test(orderId) ? { kind: 'service', target: { service, orderId } } : { kind: 'nothing' };
}

/** Host names do not differ by case, may end in a dot, and may have a port behind them. */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
