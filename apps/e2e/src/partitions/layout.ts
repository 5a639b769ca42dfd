/** The hosts: inside and outside of members A and B, and one of the Internet. */
export const HOSTS = ['int-a', 'ext-a', 'ext-b', 'int-b', 'user'] as const;
export type Host = (typeof HOSTS)[number];
export type Letter = 'a' | 'b';

/** One cable between two hosts: the name of the device at each end says what is at the other. */
export interface Cable {
  readonly name: string;
  readonly ends: readonly [CableEnd, CableEnd];
}

export interface CableEnd {
  readonly host: Host;
  readonly device: string;
  readonly address: string;
}

/** The cables that are cut; the users' own are left alone. */
export const LEGS = ['A – ext A', 'ext A – ext B', 'ext B – B'] as const;
export type Leg = (typeof LEGS)[number];

const end = (host: Host, device: string, address: string): CableEnd => ({ host, device, address });

/** Of the ranges for documentation and private use; each cable is a net of its own, and nothing forwards between them. */
export const CABLES: readonly Cable[] = [
  { name: 'A – ext A', ends: [end('int-a', 'dmz', '10.71.0.2'), end('ext-a', 'inside', '10.71.0.1')] },
  { name: 'ext A – ext B', ends: [end('ext-a', 'peer', '198.51.100.1'), end('ext-b', 'peer', '198.51.100.2')] },
  { name: 'ext B – B', ends: [end('ext-b', 'inside', '10.72.0.1'), end('int-b', 'dmz', '10.72.0.2')] },
  { name: 'ext A – user', ends: [end('ext-a', 'users', '203.0.113.1'), end('user', 'to-a', '203.0.113.2')] },
  { name: 'ext B – user', ends: [end('ext-b', 'users', '203.0.113.5'), end('user', 'to-b', '203.0.113.6')] },
];

export const cable = (leg: Leg): Cable => CABLES.find(({ name }) => name === leg) as Cable;

/** Each on its own host, so that both members have the same. */
export const PORTS = { manager: 8182, rendezvous: 8181, redis: 6379, component: 5347, s2s: 5269, tunnelSsh: 2222, tunnelHttp: 2223, publicFrom: 20_000, publicTo: 20_099 } as const;

export function addressOf(host: Host, device: string): string {
  const found = CABLES.flatMap(({ ends }) => ends).find((one) => one.host === host && one.device === device);
  if (!found) throw new Error(`The host ${host} has no device ${device}.`);
  return found.address;
}

const BEGINS = 'tcp flags & (syn | ack) == syn';
/** Everything that is no TCP and could begin something. */
const OTHER = 'meta l4proto { udp, udplite, sctp, dccp }';

/**
 * The wall of a host in the words of nft. Inside, nothing that begins elsewhere comes in. Outside, each device takes what the other end needs, and a
 * connection that begins towards the inside is counted as it leaves, though it would fail: so it is seen even while the cable is cut.
 */
export function wallOf(host: Host): string | undefined {
  if (host === 'user') return undefined;
  if (host.startsWith('int')) {
    return `table inet wall {
  counter inward { }
  chain arriving { type filter hook input priority 0; policy accept;
    iifname "dmz" ${BEGINS} counter name inward drop
    iifname "dmz" ${OTHER} counter name inward drop
  }
}`;
  }
  const take = (device: string, ports: string): string => `    iifname "${device}" ${BEGINS} tcp dport != { ${ports} } counter name refused drop`;
  return `table inet wall {
  counter inward { }
  counter refused { }
  chain arriving { type filter hook input priority 0; policy accept;
${take('inside', `${PORTS.component}, ${PORTS.tunnelSsh}, ${PORTS.redis}`)}
${take('peer', String(PORTS.s2s))}
${take('users', `${PORTS.publicFrom}-${PORTS.publicTo}`)}
  }
  chain leaving { type filter hook output priority 0; policy accept;
    oifname "inside" ${BEGINS} counter name inward
    oifname "inside" ${OTHER} counter name inward
  }
}`;
}

/** A table that drops what arrives on the device: everything, or so many percent of the packets. */
export function dropTable(name: string, device: string, percent = 100): string {
  const which = percent === 100 ? '' : `numgen random mod 100 < ${percent} `;
  return `table inet ${name} { chain arriving { type filter hook input priority -300; policy accept; iifname "${device}" ${which}counter drop; }; }`;
}
