/** Two hosts of each member, the cloud of B, a user of the Internet; and what they are plugged into. */
export const HOSTS = ['int-a', 'ext-a', 'int-b', 'ext-b', 'cloud-b', 'user'] as const;
export type Host = (typeof HOSTS)[number];
export const LETTERS = ['a', 'b'] as const;
export type Letter = (typeof LETTERS)[number];

export type Switch = 'internet' | 'lan-a' | 'lan-b';

/** A host's way into a switch; its network has a mask of 24 bits unless said otherwise. */
export interface Plug<H extends string = Host, S extends string = Switch> {
  readonly host: H;
  readonly into: S;
  readonly device: 'world' | 'lan';
  readonly address: string;
  readonly mask?: number;
}

/** Who is there, and what is plugged into what. */
export interface Layout<H extends string, S extends string> {
  /** Begins the names of its namespaces. */
  readonly prefix: string;
  readonly hosts: readonly H[];
  /** Hosts without any programs, but for those where names are told: at this address, mask included. */
  readonly switches: Readonly<Record<S, { readonly nameServer?: string }>>;
  readonly plugs: readonly Plug<H, S>[];
}

/** Of the ranges for documentation and private use. Nothing leads from a LAN to the Internet: who is inside reaches its own DMZ. */
export const PLUGS: readonly Plug[] = [
  { host: 'int-a', into: 'lan-a', device: 'lan', address: '10.71.0.2' },
  { host: 'ext-a', into: 'lan-a', device: 'lan', address: '10.71.0.1' },
  { host: 'int-b', into: 'lan-b', device: 'lan', address: '10.72.0.2' },
  { host: 'ext-b', into: 'lan-b', device: 'lan', address: '10.72.0.1' },
  { host: 'cloud-b', into: 'lan-b', device: 'lan', address: '10.72.0.3' },
  { host: 'ext-a', into: 'internet', device: 'world', address: '198.51.100.1' },
  { host: 'ext-b', into: 'internet', device: 'world', address: '198.51.100.2' },
  { host: 'user', into: 'internet', device: 'world', address: '198.51.100.9' },
];

export const NAME_SERVER = '198.51.100.53';
export const TWO_HOSTS: Layout<Host, Switch> = { prefix: 'fogbow-2h', hosts: HOSTS, switches: { internet: { nameServer: `${NAME_SERVER}/24` }, 'lan-a': {}, 'lan-b': {} }, plugs: PLUGS };
export const PORTS = { api: 8182, component: 5348, s2s: 5269, redis: 6379, tunnelSsh: 2222, publicFrom: 20_000, publicTo: 20_099, engine: 2376 } as const;

export const domainOf = (letter: Letter): string => `${letter}.two-hosts.test`;
export const managerOf = (letter: Letter): string => `manager.${domainOf(letter)}`;

export const addressOf = (host: Host, device: Plug['device'] = 'lan'): string => addressIn(TWO_HOSTS, host, device);

export function addressIn<H extends string, S extends string>({ plugs }: Layout<H, S>, host: H, device: Plug['device']): string {
  const found = plugs.find((plug) => plug.host === host && plug.device === device);
  if (!found) throw new Error(`The host ${host} has no device ${device}.`);
  return found.address;
}
