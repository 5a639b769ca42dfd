import { BlockList, isIP } from 'node:net';

/** What {@link networksOf} says of a list that it cannot read, after the name of the setting. */
export const NETWORKS_FAULT = 'must be addresses and networks such as 10.0.0.0/8 or 2001:db8::/32';

/** Addresses and networks (CIDR) of a setting; undefined when one of them is neither. */
export function networksOf(list: unknown): BlockList | undefined {
  const networks = new BlockList();
  for (const text of Array.isArray(list) ? list.map(String) : []) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const family = isIP(address);
    const whole = family === 6 ? 128 : 32;
    const width = bits === undefined ? whole : Number(bits);
    if (family === 0 || address.includes('%') || width > whole) return undefined;
    networks.addSubnet(address, width, family === 6 ? 'ipv6' : 'ipv4');
  }
  return networks;
}

/** Who counts as one where addresses have limits: of IPv6 a network of 64 bits, since whoever has one has 2^64 addresses. */
export function siteOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  if (!plain.includes(':')) return plain;
  const [before, after] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const [head, tail] = [before ?? [], after ?? []];
  const groups = [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0'), ...tail];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
