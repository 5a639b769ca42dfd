import type { PortRange } from '../ports/port-table.js';

export interface ForeignPortsOptions {
  readonly range: PortRange;
  /** Ports of a grant are not looked at: they are ours, or will be. */
  readonly isHeld: (port: number) => boolean;
  readonly canBind: (port: number) => Promise<boolean>;
}

/** So many ports are looked at in one go, every two seconds: a range of ten thousand takes some three minutes, and hardly any processor. */
const AT_A_TIME = 100;
/** More are not told: a host on which so much is taken has another range to have. */
const MOST_TOLD = 2000;

/** Ports of the range that other programs of this host have, found by trying them in turn. */
export function createForeignPorts({ range, isHeld, canBind }: ForeignPortsOptions): { look(): Promise<void>; list(): readonly number[] } {
  const foreign = new Set<number>();
  let next = range.from;
  return {
    list: () => [...foreign].slice(0, MOST_TOLD),
    async look() {
      for (let count = Math.min(AT_A_TIME, range.to - range.from + 1); count > 0; count -= 1) {
        const port = next;
        next = port >= range.to ? range.from : port + 1;
        if (isHeld(port) || await canBind(port)) foreign.delete(port);
        else foreign.add(port);
      }
    },
  };
}
