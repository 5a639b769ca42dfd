import { createMemoryNetwork, SYNCH_WHOISALIVE } from '@fogbow/messaging';
import type { FederationLink, HeardMember, MemoryNetwork } from '@fogbow/messaging';
import type { MemberFacts, MemberTable } from '../members/member-table.js';
import { createMemoryMemberTable } from '../members/memory-member-table.js';
import { noWatch } from '../observe/rendezvous-watch.js';
import { createAskNeighbour } from '../sync/ask-neighbour.js';
import { createSynchHandler } from '../sync/synch-handler.js';
import { drawn, shuffled } from './seeded-random.js';
import type { Edge } from './topologies.js';

export interface VirtualOptions {
  readonly size: number;
  readonly edges: readonly Edge[];
  readonly timeoutMs: number;
  readonly pageMax: number;
  /** Decides the clocks and the order of things. */
  readonly random: () => number;
}

/** Many rendezvous in one process, each with its table and a clock of its own, over the memory network. Time passes when told. */
export interface VirtualRendezvous {
  readonly network: MemoryNetwork;
  advance(ms: number): void;
  /** A member speaks to one rendezvous. */
  announce(at: number, facts: MemberFacts): Promise<void>;
  /** Everybody asks each neighbour once, all at the same time. Answers how many asked in vain. */
  round(): Promise<number>;
  /** Whom each of them lists. */
  lists(): Promise<HeardMember[][]>;
  /** Only edges within one of the groups carry anything; no group: all do. */
  divide(groupOf?: (rendezvous: number) => number): void;
  /** It dies and comes back with an empty table. */
  restart(rendezvous: number): Promise<void>;
}

/** Never waited for: what a cut would lose is given up at once, so that no test depends on real time. */
const TIMEOUT_MS = 60_000;

export const nameOf = (rendezvous: number): string => `r${rendezvous}.test`;

interface Node {
  readonly table: MemberTable;
  readonly link: FederationLink;
  readonly ask: ReturnType<typeof createAskNeighbour>;
}

export async function createVirtualRendezvous(options: VirtualOptions): Promise<VirtualRendezvous> {
  const { size, edges, random } = options;
  const network = createMemoryNetwork();
  const time = { ms: 0 };
  const divided: { groupOf: (rendezvous: number) => number } = { groupOf: () => 0 };
  const neighbours = (index: number): number[] => [...new Set(edges.flatMap(([one, other]) => (one === index ? [other] : other === index ? [one] : [])))];
  const start = async (index: number): Promise<Node> => {
    const node = createNode(index, network, time, neighbours(index), options);
    await node.link.start();
    return node;
  };
  const nodes = await Promise.all(Array.from({ length: size }, (_, index) => start(index)));
  const pairs = nodes.flatMap((_, asker) => neighbours(asker).map((neighbour) => ({ asker, neighbour })));
  return {
    network,
    advance: (ms) => { time.ms += ms; },
    announce: async (at, facts) => void await nodes[at]?.table.announce(facts),
    async round() {
      const signalFor = (asker: number, neighbour: number): AbortSignal =>
        (divided.groupOf(asker) === divided.groupOf(neighbour) ? new AbortController().signal : AbortSignal.abort());
      const asks = shuffled(pairs, random).map(({ asker, neighbour }) => nodes[asker]?.ask(nameOf(neighbour), signalFor(asker, neighbour)));
      return (await Promise.allSettled(asks)).filter(({ status }) => status === 'rejected').length;
    },
    lists: () => Promise.all(nodes.map(async ({ table }) => [...(await table.page({}, 1_000_000)).members])),
    divide(groupOf) {
      divided.groupOf = groupOf ?? (() => 0);
      network.setFate(groupOf && (({ from, to }) => ({ lose: divided.groupOf(numberOf(from)) !== divided.groupOf(numberOf(to)) })));
    },
    async restart(index) {
      await nodes[index]?.link.stop();
      nodes[index] = await start(index);
    },
  };
}

const numberOf = (name: string): number => Number(/^r(\d+)/.exec(name)?.[1]);

/** A clock that began at another moment than those of the others. */
function createNode(index: number, network: MemoryNetwork, time: { readonly ms: number }, neighbours: readonly number[], { timeoutMs, pageMax, random }: VirtualOptions): Node {
  const offset = drawn(random, 1_000_000_000);
  const table = createMemoryMemberTable({ clock: { uptime: () => time.ms + offset }, timeoutMs, maxMembers: 1_000_000 });
  const link = network.link(nameOf(index));
  link.handle(SYNCH_WHOISALIVE, createSynchHandler({ table, neighbours: neighbours.map(nameOf), pageMax, timeoutMs, watch: noWatch }));
  return { table, link, ask: createAskNeighbour({ table, link, pageSize: pageMax, timeoutMs: TIMEOUT_MS, watch: noWatch }) };
}
