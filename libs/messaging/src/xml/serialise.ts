import { FogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement, XmlNode } from './element.js';

// XML 1.0 §2.2: what no document may hold, not even as a reference. A peer would have to close the stream over it.
const ILLEGAL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\r': '&#13;', '\n': '&#10;', '\t': '&#9;',
};
const escape = (text: string, pattern: RegExp): string => {
  if (ILLEGAL.test(text)) throw new FogbowError('bad-syntax', 'A text holds a character that XML cannot carry.');
  return text.replace(pattern, (character) => ENTITIES[character] as string);
};
// A bare carriage return would come back as a line feed (XML 1.0 §2.11), and white space in attributes as blanks (§3.3.3).
const escapeText = (text: string): string => escape(text, /[&<>\r]/g);
const escapeAttribute = (text: string): string => escape(text, /[&<>"'\r\n\t]/g);

/** The element as text, to stand inside an element of `outer` namespace. Throws bad-syntax for characters that XML cannot carry. */
export function serialise(item: XmlElement, outer = ''): string {
  const namespace = item.namespace === outer ? '' : ` xmlns="${escapeAttribute(item.namespace)}"`;
  const attributes = Object.entries(item.attributes).map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`).join('');
  const content = item.children.map((child: XmlNode) => (typeof child === 'string' ? escapeText(child) : serialise(child, item.namespace))).join('');
  return `<${item.name}${namespace}${attributes}${content === '' ? '/>' : `>${content}</${item.name}>`}`;
}
