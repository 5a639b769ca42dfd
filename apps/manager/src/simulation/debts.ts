import type { HistoryLine, MemoryTables } from './memory-tables.js';
import type { Fault } from './final-faults.js';

/** One incarnation of an order, as one of the two members saw it. */
interface Span {
  readonly orderId: string;
  readonly incarnation: number;
  readonly consumer: string;
  readonly donor: string;
  readonly from: number;
  /** Undefined while it goes on. */
  readonly to: number | undefined;
}

export interface DebtOptions {
  readonly members: readonly string[];
  tables(member: string): MemoryTables;
  readonly now: number;
  /** News of an end may take so long. */
  readonly lagMs: number;
}

/**
 * Both sides keep books of what one member had of the other: the histories of their orders (accounting/list-accounting.ts adds them up). What the
 * consumer counts, its donor must count too, from an earlier moment and to one that differs by the time of the news; so the
 * debts of all, added up, are zero but for that time.
 */
export function debtFaults({ members, tables, now, lagMs }: DebtOptions): Fault[] {
  const spans = members.flatMap((member) => spansOf(member, tables(member)));
  const of = (side: 'consumer' | 'donor'): Map<string, Span> => new Map(spans.filter((one) => one.side === side).map(({ span }) => [keyOf(span), span]));
  const [consumed, donated] = [of('consumer'), of('donor')];
  const faultOf = (span: Span) => (text: string): Fault[] => [{ orderId: span.orderId, text: `${span.consumer} had incarnation ${span.incarnation} of ${span.orderId} of ${span.donor}, ${text}` }];
  const unheard = [...donated.values()].filter((span) => !consumed.has(keyOf(span)) && (span.to ?? now) - span.from > lagMs);
  return [...unheard.flatMap((span) => faultOf(span)('and never knew it')), ...[...consumed.values()].flatMap((span): Fault[] => {
    const fault = faultOf(span);
    const given = donated.get(keyOf(span));
    if (!given) return fault('which does not know it');
    if (given.from > span.from) return fault(`${(given.from - span.from) / 1000} s before it gave it`);
    const apart = Math.abs((given.to ?? now) - (span.to ?? now));
    if (apart > lagMs || (given.to === undefined) !== (span.to === undefined)) return fault(`and they differ by ${Math.round(apart / 1000)} s about its end`);
    return [];
  })];
}

const keyOf = ({ orderId, incarnation, consumer, donor }: Span): string => `${orderId} ${incarnation} ${consumer} ${donor}`;

/** What a member consumed abroad, and what it donated. */
function spansOf(member: string, tables: MemoryTables): { readonly side: 'consumer' | 'donor'; readonly span: Span }[] {
  return [...tables.history].flatMap(([orderId, lines]) => lines.flatMap((line, index) => {
    const { provider, requester } = line;
    if (line.to !== 'fulfilled' || provider === undefined || provider === requester) return [];
    const span: Span = { orderId, incarnation: line.incarnation, consumer: requester, donor: provider, from: line.at.getTime(), to: endOf(lines, index) };
    return [{ side: requester === member ? 'consumer' as const : 'donor' as const, span }];
  }));
}

const endOf = (lines: readonly HistoryLine[], index: number): number | undefined => lines[index + 1]?.at.getTime();
