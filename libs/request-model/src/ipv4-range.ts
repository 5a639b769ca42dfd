/** A range of IPv4 addresses in CIDR notation, as numbers. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** Undefined for what is not four decimal bytes without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  const bytes = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text) ? text.split('.').map(Number) : [];
  return bytes.length === 4 && bytes.every((byte) => byte <= 255) ? bytes.reduce((sum, byte) => sum * 256 + byte, 0) : undefined;
}

export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Undefined where the text is no CIDR or has host bits; `10.0.0.1/24` is a fault more often than a wish for `10.0.0.0/24`. */
export function parseIpv4Range(cidr: string): Ipv4Range | undefined {
  const [, base = '', bits = ''] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(cidr) ?? [];
  const [first, prefix] = [parseIpv4(base), Number(bits)];
  if (first === undefined) return undefined;
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** The range without the bits of a host; undefined for what is no CIDR. For clients that mean the network and name an address of it. */
export function withoutHostBits(cidr: string): string | undefined {
  const [, base = '', bits = ''] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(cidr) ?? [];
  const address = parseIpv4(base);
  return address === undefined ? undefined : `${ipv4Text(address - address % 2 ** (32 - Number(bits)))}/${bits}`;
}

export function rangeHolds(range: Ipv4Range, address: number): boolean {
  return range.first <= address && address <= range.last;
}

export function rangesOverlap(left: Ipv4Range, right: Ipv4Range): boolean {
  return left.first <= right.last && right.first <= left.last;
}

/** Why no network can have this range and gateway, in words for its user; undefined when one can. A network needs room for two machines. */
export function networkFault({ cidr, gateway }: { readonly cidr: string; readonly gateway?: string | undefined }): string | undefined {
  const range = parseIpv4Range(cidr);
  if (!range) return `"${cidr.slice(0, 40)}" is not an IPv4 range in CIDR notation without host bits, such as 10.10.0.0/24.`;
  if (range.prefix > 30) return `${cidr} is too small: a network needs a prefix of at most 30.`;
  if (gateway === undefined) return undefined;
  const address = parseIpv4(gateway);
  if (address === undefined || address <= range.first || range.last <= address) return `The gateway "${gateway.slice(0, 40)}" is not an address for use in ${cidr}.`;
  return undefined;
}

/** The addresses that a machine may have, lowest first: neither the first nor the last of the range, and none that is taken. */
export function* freeAddresses(range: Ipv4Range, taken: ReadonlySet<string>): Generator<string> {
  for (let address = range.first + 1; address < range.last; address++) {
    const text = ipv4Text(address);
    if (!taken.has(text)) yield text;
  }
}
