/** Inclusive bounds of the public ports. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
  /** Given to nobody. */
  readonly reserved?: ReadonlySet<number>;
}

export interface PortCounts {
  readonly total: number;
  readonly taken: number;
  readonly resting: number;
}

/**
 * Who holds which public port. Pure bookkeeping: time comes in as `now` (milliseconds of a clock that never jumps) and
 * nothing is opened. A released port rests for a while, so that an address which somebody still remembers does not lead
 * to a stranger's machine at once; its last holder alone may have it back earlier.
 */
export interface PortTable {
  /** Ports that may be given now, each at most once. Search goes on after the port given last, so reuse comes late. */
  candidates(now: number): Generator<number>;
  /** Takes one port for `holder`; undefined when it was done (or was so already), else the reason why not. */
  claim(port: number, holder: string, now: number): string | undefined;
  /** Takes back a port given in an earlier life, even if the range has been moved since: a given port never changes. */
  restore(port: number, holder: string): string | undefined;
  /** `holder`: only if the port is its. */
  release(port: number, now: number, holder?: string): void;
  isHeld(port: number): boolean;
  counts(now: number): PortCounts;
}

interface Rest { readonly holder: string; readonly until: number }

export function createPortTable(range: PortRange, restMs: number): PortTable {
  const size = range.to - range.from + 1;
  const isReserved = (port: number): boolean => range.reserved?.has(port) === true;
  const total = size - [...range.reserved ?? []].filter((port) => port >= range.from && port <= range.to).length;
  const held = new Map<number, string>();
  const resting = new Map<number, Rest>();
  let next = range.from;
  const inRange = (port: number): boolean => port >= range.from && port <= range.to;
  const counts = (port: number): boolean => inRange(port) && !isReserved(port);
  const rests = (port: number, now: number): Rest | undefined => {
    const rest = resting.get(port);
    if (rest && rest.until <= now) resting.delete(port);
    return resting.get(port);
  };
  const take = (port: number, holder: string): undefined => {
    held.set(port, holder);
    resting.delete(port);
    return undefined;
  };
  const heldByOther = (port: number, holder: string): boolean => held.has(port) && held.get(port) !== holder;
  return {
    *candidates(now) {
      const first = next;
      for (let step = 0; step < size; step++) {
        const port = range.from + ((first - range.from + step) % size);
        if (!held.has(port) && !isReserved(port) && !rests(port, now)) yield port;
      }
    },
    claim(port, holder, now) {
      if (held.get(port) === holder) return undefined;
      if (heldByOther(port, holder)) return `Port ${port} belongs to another grant.`;
      if (!inRange(port)) return `Port ${port} is not in the range ${range.from} to ${range.to}.`;
      if (isReserved(port)) return `Port ${port} is reserved.`;
      const rest = rests(port, now);
      if (rest && rest.holder !== holder) return `Port ${port} was released a moment ago and rests.`;
      next = port === range.to ? range.from : port + 1;
      return take(port, holder);
    },
    restore: (port, holder) => (heldByOther(port, holder) ? `Port ${port} belongs to another grant.` : take(port, holder)),
    release(port, now, only) {
      const holder = held.get(port);
      if (holder === undefined || (only !== undefined && only !== holder)) return;
      held.delete(port);
      resting.set(port, { holder, until: now + restMs });
    },
    isHeld: (port) => held.has(port),
    counts(now) {
      for (const port of [...resting.keys()]) rests(port, now);
      return { total, taken: [...held.keys()].filter(counts).length, resting: [...resting.keys()].filter(counts).length };
    },
  };
}
