/**
 * Gossip of 10 rendezvous with 1,000 members over the memory network: rounds until everybody lists everybody against the width of the
 * network, and bytes against members × entry × links × rounds. No clock is measured, so other work on the machine does not matter.
 */
import { line, ring, star } from '../../apps/rendezvous/src/testing/topologies.js';
import { measureConvergence } from './rendezvous-convergence.js';
import { reportBench } from './report.js';
import type { BenchRow } from './report.js';

const RENDEZVOUS = 10;
const KB = 1000;

async function measure(name: string, edges: ReturnType<typeof ring>): Promise<BenchRow[]> {
  const found = await measureConvergence({ rendezvous: RENDEZVOUS, edges });
  const { rounds, roundsInTheory, bytes, bytesInTheory, steadyBytes, steadyBytesInTheory } = found;
  process.stdout.write(`${name}: ${found.links} links, ${found.entryBytes.toFixed(1)} bytes an entry, ${found.seconds.toFixed(2)} s for all rounds\n`);
  return [
    { what: `${name}: rounds against its width`, ours: rounds, peer: roundsInTheory, unit: 'rounds', ratio: roundsInTheory / rounds, goal: 1 },
    { what: `${name}: bytes until all know all`, ours: bytes / KB, peer: bytesInTheory / KB, unit: 'kB', ratio: bytesInTheory / bytes, goal: 0.9 },
    { what: `${name}: bytes of a round when all know all`, ours: steadyBytes / KB, peer: steadyBytesInTheory / KB, unit: 'kB', ratio: steadyBytesInTheory / steadyBytes, goal: 0.9 },
  ];
}

async function main(): Promise<void> {
  const rows: BenchRow[] = [];
  for (const [name, edges] of [['ring', ring(RENDEZVOUS)], ['line', line(RENDEZVOUS)], ['star', star(RENDEZVOUS)]] as const) rows.push(...await measure(name, edges));
  reportBench(rows);
}

void main();
