import { FogbowError } from '@fogbow/plugin-contracts';
import { childElements, domainOf, isClient, memberOf, element, encodeError, STANZA_NAMESPACE } from '@fogbow/messaging';
import type { XmlElement } from '@fogbow/messaging';

/** What happens to a stanza: it goes to a component, back to its sender as an error, nowhere, or costs its sender the stream. */
export type Routing =
  | { readonly to: string; readonly stanza: XmlElement }
  | { readonly drop: string }
  | { readonly streamError: 'improper-addressing' | 'invalid-from' | 'invalid-namespace' | 'unsupported-stanza-type' };

const STANZAS = ['iq', 'message', 'presence'];
/** Answers to answers would circle for ever (RFC 6120 §8.3.1). */
const NEVER_BOUNCED = ['error', 'result'];

/** Decides by addresses alone; `present` tells which components and clients are connected, by their ids. */
export function route(stanza: XmlElement, sender: string, present: (component: string) => boolean): Routing {
  const { from, to } = stanza.attributes;
  if (!STANZAS.includes(stanza.name)) return { streamError: 'unsupported-stanza-type' };
  if (stanza.namespace !== STANZA_NAMESPACE) return { streamError: 'invalid-namespace' };
  if (!from || !to) return { streamError: 'improper-addressing' };
  if (!speaksFor(sender, from)) return { streamError: 'invalid-from' };
  const target = targetOf(to, present);
  if (present(target)) return { to: target, stanza };
  return bounce(stanza, sender, new FogbowError('unavailable', `${target} is not connected.`));
}

/** A component may put anything before its domain; a client is one address. */
const speaksFor = (sender: string, from: string): boolean => (isClient(sender) ? memberOf(from) : domainOf(from)) === sender;

/** The client of just this address, or else the component that has the domain. */
function targetOf(to: string, present: (component: string) => boolean): string {
  const member = memberOf(to);
  return member !== undefined && isClient(member) && present(member) ? member : domainOf(to);
}

/** The stanza as an error to its sender, where stanzas of its kind are answered at all. */
export function bounce(stanza: XmlElement, sender: string, error: FogbowError): Routing {
  const { from, to, id, type } = stanza.attributes;
  if (stanza.name === 'presence' || NEVER_BOUNCED.includes(type ?? '')) return { drop: error.message };
  const quoted = childElements(stanza)[0];
  const addresses = { type: 'error', ...(id === undefined ? {} : { id }), from: to ?? '', to: from ?? '' };
  return { to: sender, stanza: element(stanza.name, STANZA_NAMESPACE, [quoted && element(quoted.name, quoted.namespace), encodeError(error)], addresses) };
}
