import type { MemberId } from '@fogbow/request-model';
import { isMemberId } from '@fogbow/request-model';

/**
 * Members are components or clients of their XMPP server. The id of a component is its domain. The id of a client is a domain too,
 * `node.at--domain` for `node@domain/fogbow`: no host can be called so, since hyphens in third and fourth place are reserved (RFC 5890 §2.3.1).
 * Both functions are each other's inverse, so two addresses are never one member (ADR 0015).
 */
const MARK = 'at--';
/** An IQ reaches a client only at its full address (RFC 6121 §8.5.2), so all know the resource. */
const RESOURCE = 'fogbow';

/** Where stanzas for a member go, and what stands in `from` of its own. */
export function addressOf(member: MemberId): string {
  const labels = member.split('.');
  const mark = labels.findIndex((label) => label.startsWith(MARK));
  if (mark <= 0) return member;
  return `${labels.slice(0, mark).join('.')}@${labels.slice(mark).join('.').slice(MARK.length)}/${RESOURCE}`;
}

/** Whether the member is a client of its server, not a component. */
export function isClient(member: MemberId): boolean {
  return addressOf(member).includes('@');
}

/**
 * Which member sends from an address; undefined when none can. Of a component, whatever it puts before or behind its domain is its own
 * affair, but the `@` is not: an account of a server is never that server's domain.
 */
export function memberOf(address: string): MemberId | undefined {
  const [bare = '', resource] = address.split(/\/(.*)/s);
  const [node, domain] = bare.toLowerCase().split(/@(.*)/s);
  if (domain === undefined) return node === undefined || addressOf(node) !== node || node.startsWith(MARK) ? undefined : node;
  const id = `${node}.${MARK}${domain}`;
  return isMemberId(id) && resource === RESOURCE && addressOf(id) === `${node}@${domain}/${RESOURCE}` ? id : undefined;
}

/** The member that an account, `node@domain`, is; undefined when it cannot be one. */
export function clientMember(account: string): MemberId | undefined {
  return account.includes('@') ? memberOf(`${account}/${RESOURCE}`) : undefined;
}
