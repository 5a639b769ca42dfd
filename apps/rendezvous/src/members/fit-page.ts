import type { PageQuery } from '@fogbow/messaging';
import type { LivingMember, MemberPage } from './member-table.js';

/** Of 512 KiB of a stanza, at which servers cut the connection; the rest is for what surrounds the members. */
export const PAGE_BYTES = 384 * 1024;

/** Elements and times around the texts of one member, and its status, at most. */
const FRAME = 500;
const STATUS = 1500;

/** What a member takes on the wire, at most; each character that XML, or a server on the way, writes as an entity counts for the longest one. */
export const wireBytes = ({ id, certificate = '', status }: LivingMember): number =>
  id.length + Buffer.byteLength(certificate) + 5 * (certificate.match(/[&<>\r"']/g)?.length ?? 0) + FRAME + (status ? STATUS : 0);

/** Cuts a page to what fits, on the side that is farther from where it was asked for; one member always fits. XEP-0059 §2.1 allows it. */
export function fitPage(page: MemberPage, query: PageQuery, budget = PAGE_BYTES): MemberPage {
  const { members, total, index } = page;
  const backwards = query.before !== undefined;
  const inOrder = backwards ? [...members].reverse() : members;
  let used = 0;
  const fitting = inOrder.filter((member, position) => (used += wireBytes(member)) <= budget || position === 0).length;
  if (fitting === members.length) return page;
  return backwards
    ? { members: members.slice(members.length - fitting), total, index: index + members.length - fitting }
    : { members: members.slice(0, fitting), total, index };
}
