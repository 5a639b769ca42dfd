/** Pure: ports and ranges of ports, `20022` or `20100-20199`; undefined when one of them is neither. */
export function readPorts(list: readonly string[]): ReadonlySet<number> | undefined {
  const ports = new Set<number>();
  for (const text of list) {
    const [, from = '', to = from] = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === '' || first < 1 || last > 65_535 || first > last) return undefined;
    for (let port = first; port <= last; port += 1) ports.add(port);
  }
  return ports;
}
