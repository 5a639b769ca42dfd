import type { PortTable } from './port-table.js';

/** True when this host would let us listen on the port now. */
export type CanBind = (port: number) => Promise<boolean>;

export type Allocation = { readonly port: number } | { readonly refused: string };

/** Gives `holder` the next port that is free here and not bound by another program of this host. */
export async function allocatePort(table: PortTable, holder: string, canBind: CanBind, now: () => number): Promise<Allocation> {
  let foreign = 0;
  for (const port of table.candidates(now())) {
    if (!await canBind(port)) {
      foreign++;
      continue;
    }
    // Another allocation may have taken it while we were looking.
    if (table.claim(port, holder, now()) === undefined) return { port };
  }
  const { total, taken, resting } = table.counts(now());
  return { refused: `No public port is free: of ${total}, ${taken} are taken, ${resting} rest after use and ${foreign} are in use by other programs.` };
}
