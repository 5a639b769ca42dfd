import type { XmlElement } from '../xml/element.js';
import { childElement, childText, element } from '../xml/element.js';

/** Who vouches for a wish: `accessId` is the token that the requester's Manager signed, never a user's credential. */
export interface ForwardedToken {
  readonly accessId: string;
  readonly userId: string;
  readonly userName: string;
}

/** Spec §3.1; the same in every message that has one. */
export function encodeToken({ accessId, userId, userName }: ForwardedToken, namespace: string): XmlElement {
  const leaf = (name: string, text: string): XmlElement => element(name, namespace, [text]);
  return element('token', namespace, [leaf('accessId', accessId), element('user', namespace, [leaf('id', userId), leaf('name', userName)])]);
}

export function decodeToken(token: XmlElement): ForwardedToken {
  const user = childElement(token, 'user');
  return { accessId: childText(token, 'accessId') ?? '', userId: childText(user, 'id') ?? '', userName: childText(user, 'name') ?? '' };
}
