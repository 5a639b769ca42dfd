import { parseClientToken } from '@fogbow/request-model';
import type { ResourceKind } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import { releaseKey } from './memory-tables.js';
import type { MemoryTables } from './memory-tables.js';
import type { Promises } from './promises.js';
import type { CloudEntry } from './simulated-cloud.js';
import { Violation } from './violation.js';

/** Anything that lives in a member's cloud. */
export interface Thing {
  readonly member: string;
  readonly id: string;
  readonly kind: ResourceKind;
  readonly orderId: string;
  readonly incarnation: number;
  /** Whoever asked for it did not wait for it any more. */
  readonly isLate: boolean;
  /** It ends with these. */
  readonly uses: readonly string[];
}

export interface WatchOptions {
  now(): number;
  readonly promises: Promises;
  tables(member: string): MemoryTables;
  /** Nothing may live so long that nobody wants, and no order may so long believe in what is not there. */
  readonly boundMs: number;
}

/** What all clouds have, and whether it is what it should be. */
export interface InstanceWatch {
  cloudChanged(member: string, entry: CloudEntry, isLate: boolean): void;
  orderTouched(orderId: string): void;
  /** Throws a violation; cheap, for it looks only at what changed. */
  check(): void;
  of(orderId: string): readonly Thing[];
  all(): readonly Thing[];
  /** The longest that something lived unwanted. */
  longestMs(): number;
}

export function watchInstances(options: WatchOptions): InstanceWatch {
  const { now, promises, tables } = options;
  const things = new Map<string, Thing>();
  const byOrder = new Map<string, Set<Thing>>();
  const changed = new Set<string>();
  const wrongSince = createAges(now);
  const drop = (thing: Thing): void => {
    things.delete(keyOf(thing));
    byOrder.get(thing.orderId)?.delete(thing);
    wrongSince.ends(keyOf(thing));
    changed.add(thing.orderId);
  };
  const lookAt = (orderId: string): void => {
    const promised = promises.get(orderId);
    const present = [...(byOrder.get(orderId) ?? [])];
    const order = promised && tables(promised.member).orders.get(orderId)?.order;
    if (promised?.isTaken && !promised.mayGo && !order) throw new Violation(`order ${orderId} is lost`, [orderId]);
    const wanted = present.filter((thing) => order !== undefined && isWanted(order, thing));
    if (wanted.length > 1) throw new Violation(`order ${orderId} has ${wanted.length} instances that it counts on: ${wanted.map(keyOf).join(', ')}`, [orderId]);
    for (const thing of present) wrongSince.is(keyOf(thing), orderId, !wanted.includes(thing));
    const unminded = present.find((thing) => !wanted.includes(thing) && !thing.isLate && !isWrittenDown(thing, promised && tables(promised.member), tables(thing.member)));
    if (unminded) throw new Violation(`${keyOf(unminded)}, incarnation ${unminded.incarnation} of order ${orderId}, is not wanted, and no release of it is written down`, [orderId]);
    wrongSince.is(`${orderId} is fulfilled without an instance`, orderId, order?.state === 'fulfilled' && !wanted.some(({ id }) => id === order.instance?.id));
  };
  return {
    cloudChanged(member, entry, isLate) {
      const made = thingOf(member, entry, isLate);
      if (made) {
        things.set(keyOf(made), made);
        byOrder.set(made.orderId, (byOrder.get(made.orderId) ?? new Set()).add(made));
        changed.add(made.orderId);
      }
      if (entry.kind !== 'remove') return;
      for (const thing of [...things.values()]) if (thing.member === member && (thing.id === entry.id || thing.uses.includes(entry.id))) drop(thing);
    },
    orderTouched: (orderId) => void changed.add(orderId),
    check() {
      for (const orderId of changed) lookAt(orderId);
      changed.clear();
      wrongSince.check(options.boundMs);
    },
    of: (orderId) => [...(byOrder.get(orderId) ?? [])],
    all: () => [...things.values()],
    longestMs: wrongSince.longestMs,
  };
}

const keyOf = ({ member, id }: Thing): string => `${id}@${member}`;

/** Its order counts on it, or will when it hears of it. */
export function isWanted({ state, provider, requester, incarnation, attempts }: OrderRecord, thing: Pick<Thing, 'member' | 'incarnation'>): boolean {
  if (incarnation !== thing.incarnation) return false;
  if (state === 'open') return attempts > 0 && thing.member === requester;
  return thing.member === provider && (state === 'pending' || state === 'spawning' || state === 'fulfilled');
}

/** Its provider or its order's member will have it removed, whatever dies. */
const isWrittenDown = (thing: Thing, home: MemoryTables | undefined, provider: MemoryTables): boolean => provider.releases.has(releaseKey(thing)) || home?.releases.has(releaseKey(thing)) === true;

function thingOf(member: string, entry: CloudEntry, isLate: boolean): Thing | undefined {
  const named = (kind: ResourceKind, entity: Named, uses: readonly string[] = []): Thing => ({ ...toThing(member, kind, entity), isLate, uses });
  switch (entry.kind) {
    case 'create': return named('compute', entry.machine);
    case 'create-volume': return named('storage', entry.volume);
    case 'create-network': return named('network', entry.network);
    case 'attach': return named('attachment', entry.attachment, [entry.attachment.instanceId, entry.attachment.volumeId]);
    case 'knobs': case 'token': case 'expire-tokens': case 'power': case 'remove': case 'fail': return undefined;
  }
}

interface Named { readonly id: string; readonly clientToken: string }

function toThing(member: string, kind: ResourceKind, { id, clientToken }: Named): Omit<Thing, 'isLate' | 'uses'> {
  const target = parseClientToken(member, clientToken);
  if (!target) throw new Violation(`${member} made ${id} under the name ${clientToken}, which is not its own`);
  return { member, id, kind, ...target };
}

/** Since when each thing is not as it should be. */
function createAges(now: () => number) {
  const since = new Map<string, { readonly at: number; readonly orderId: string }>();
  let earliest = Infinity;
  let longest = 0;
  const ends = (key: string): void => {
    const wrong = since.get(key);
    if (!wrong) return;
    longest = Math.max(longest, now() - wrong.at);
    since.delete(key);
  };
  return {
    ends,
    is(key: string, orderId: string, isWrong: boolean): void {
      if (!isWrong) return ends(key);
      if (since.has(key)) return;
      since.set(key, { at: now(), orderId });
      earliest = Math.min(earliest, now());
    },
    check(boundMs: number): void {
      if (now() - earliest <= boundMs) return;
      for (const [key, { at, orderId }] of since) {
        if (now() - at > boundMs) throw new Violation(`${key}: wrong for more than ${Math.round(boundMs / 1000)} s (order ${orderId})`, [orderId]);
      }
      earliest = Math.min(Infinity, ...[...since.values()].map(({ at }) => at));
    },
    longestMs: (): number => longest,
  };
}
