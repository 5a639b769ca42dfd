/** A federated site, named by the XMPP address of its Manager's component (spec, Terms). */
export type MemberId = string;

export interface Member {
  readonly id: MemberId;
  /** When the Rendezvous last said that it is alive. */
  readonly lastSeen: Date;
}

const JID_DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Member ids are domain-only JIDs in lower case (RFC 7622 §3.2, without internationalised names). */
export function isMemberId(text: string): boolean {
  return text.length <= 255 && JID_DOMAIN.test(text);
}

/** The member after `previous` in the order of their ids, and round again; `previous` need not be among them. Undefined of nobody. */
export function nextInTurn(members: readonly MemberId[], previous: MemberId | undefined): MemberId | undefined {
  const sorted = [...members].sort();
  return sorted.find((id) => previous !== undefined && id > previous) ?? sorted[0];
}
