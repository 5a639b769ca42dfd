import type { GivenService, TunnelEndpoint } from './jobs.js';

export interface TunnelAddress {
  readonly host: string;
  readonly port: number;
  /** Of a web service. */
  readonly url?: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/** Where users reach a service of an order's machine: at a port of the tunnel, or by name at its web port. Undefined for a web service of a tunnel without a domain. */
export function serviceAddress({ publicHost, web }: Pick<TunnelEndpoint, 'publicHost' | 'web'>, orderId: string, { name, port, kind }: GivenService): TunnelAddress | undefined {
  if (kind !== 'http') return { host: publicHost, port };
  if (web?.domain === undefined || !URL.canParse(web.url)) return undefined;
  const { protocol, port: shown } = new URL(web.url);
  const host = `${name}--${orderId}.${web.domain}`;
  return { host, port: Number(shown || DEFAULT_PORTS[protocol]), url: `${protocol}//${host}${shown ? `:${shown}` : ''}/` };
}

/** The id of a grant is `<order>-<incarnation>`; one of another form is an order of its own. */
export const orderOfGrant = (grantId: string): string => grantId.replace(/-\d{1,9}$/, '');
