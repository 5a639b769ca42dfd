import type { FederationLink } from '../federation-link.js';
import { createLink } from '../link/link.js';
import type { XmppLinkOptions } from './xmpp-link-options.js';
import { createXmppTransport } from './xmpp-transport.js';

/** A link as a component of the member's own XMPP server (XEP-0114). */
export function createXmppLink(options: XmppLinkOptions): FederationLink {
  const { jid, log, maxInFlight } = options;
  return createLink({ jid, log, transport: createXmppTransport(options), ...(maxInFlight === undefined ? {} : { maxInFlight }) });
}
