import { serialise, SYNCH_WHOISALIVE } from '@fogbow/messaging';
import type { HeardMember } from '@fogbow/messaging';
import { drawn, seededRandom } from '../../apps/rendezvous/src/testing/seeded-random.js';
import { diameter } from '../../apps/rendezvous/src/testing/topologies.js';
import type { Edge } from '../../apps/rendezvous/src/testing/topologies.js';
import { createVirtualRendezvous } from '../../apps/rendezvous/src/testing/virtual-rendezvous.js';
import type { VirtualRendezvous } from '../../apps/rendezvous/src/testing/virtual-rendezvous.js';

export interface ConvergenceOptions {
  readonly members?: number;
  readonly rendezvous?: number;
  /** Who are neighbours. */
  readonly edges: readonly Edge[];
  readonly pageMax?: number;
  readonly seed?: number;
}

/** What was measured beside what theory says; all bytes are those of whole stanzas, questions and answers. */
export interface Convergence {
  /** Until everybody listed everybody. */
  readonly rounds: number;
  /** As many rounds as the network is wide. */
  readonly roundsInTheory: number;
  readonly bytes: number;
  /** Members × bytes of an entry × links × rounds; a link is a question and its answer in one direction. */
  readonly bytesInTheory: number;
  /** Of one more round, when everybody knows everybody. */
  readonly steadyBytes: number;
  readonly steadyBytesInTheory: number;
  readonly entryBytes: number;
  readonly links: number;
  /** Real time of the rounds. */
  readonly seconds: number;
}

/** The length of the public key of an ed25519 pair as SPKI in base64. */
const KEY_LENGTH = 60;
const PAGE = 100;

/** The real handlers, tables and messages over the memory network: each member speaks once, to a rendezvous that is drawn; then round after round. */
export async function measureConvergence({ members = 1000, rendezvous = 10, edges, pageMax = PAGE, seed = 1 }: ConvergenceOptions): Promise<Convergence> {
  const random = seededRandom(seed);
  const federation = await createVirtualRendezvous({ size: rendezvous, edges, timeoutMs: 540_000, pageMax, random });
  for (let index = 0; index < members; index += 1) {
    await federation.announce(drawn(random, rendezvous), { id: `manager.m${String(index).padStart(4, '0')}.example`, certificate: 'k'.repeat(KEY_LENGTH) });
  }
  const passed = { bytes: 0 };
  federation.network.setFate(({ bytes }) => {
    passed.bytes += bytes;
    return {};
  });
  const begun = performance.now();
  const rounds = await untilAllKnow(federation, members);
  const seconds = (performance.now() - begun) / 1000;
  const { bytes } = passed;
  await round(federation);
  const entryBytes = bytesOfAnEntry((await federation.lists())[0] ?? []);
  const links = 2 * edges.length;
  return {
    rounds, roundsInTheory: diameter(rendezvous, edges), bytes, bytesInTheory: members * entryBytes * links * rounds,
    steadyBytes: passed.bytes - bytes, steadyBytesInTheory: members * entryBytes * links, entryBytes, links, seconds,
  };
}

async function untilAllKnow(federation: VirtualRendezvous, members: number): Promise<number> {
  for (let rounds = 0; ; rounds += 1) {
    if ((await federation.lists()).every((list) => list.length === members)) return rounds;
    await round(federation);
  }
}

async function round(federation: VirtualRendezvous): Promise<void> {
  federation.advance(1000);
  const failed = await federation.round();
  if (failed > 0) throw new Error(`${failed} questions were not answered.`);
}

/** Of one in a full page, without what surrounds the page. */
function bytesOfAnEntry(members: readonly HeardMember[]): number {
  const length = (count: number): number => {
    const page = members.slice(0, count).map((member) => ({ ...member, timeoutMs: 540_000 }));
    return Buffer.byteLength(serialise(SYNCH_WHOISALIVE.encodeReply({ members: page, total: members.length, index: 0 }) as never));
  };
  return (length(PAGE) - length(1)) / (PAGE - 1);
}
