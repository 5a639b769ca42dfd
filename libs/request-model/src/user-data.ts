import type { UserDataPart } from './order.js';

/** The types of part that cloud-init knows and orders may carry (spec §1.14). */
export const USER_DATA_TYPES = [
  'text/cloud-boothook', 'text/cloud-config', 'text/x-include-url', 'text/part-handler', 'text/x-shellscript', 'text/upstart-job',
] as const;

const CONTENT_TYPE = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/;
/** What may travel as it is: ASCII lines, short enough for every MIME reader. */
const PLAIN = /^(?:[\t\x20-\x7e]{0,900}\n)*[\t\x20-\x7e]{0,900}$/;

/**
 * Parts as the multipart text that cloud-init reads. The same parts always give the same text, so a repeated request to
 * a cloud is the same request. Throws a TypeError for a content type that cannot stand in a header.
 */
export function encodeUserData(parts: readonly UserDataPart[]): string {
  const bodies = parts.map(encodePart);
  const boundary = freeBoundary(bodies.join('\n'));
  const delimited = bodies.map((body) => `--${boundary}\n${body}\n`).join('');
  return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${delimited}--${boundary}--\n`;
}

/** The parts of a multipart text, as {@link encodeUserData} or cloud-init's own tools write it; undefined when it is none. */
export function decodeUserData(text: string): UserDataPart[] | undefined {
  const [head, body] = splitHead(text.replaceAll('\r\n', '\n'));
  const boundary = /^content-type:\s*multipart\/[a-z]+;.*boundary="?([^"\n;]+)"?/im.exec(head.replace(/\n[ \t]+/g, ' '))?.[1];
  if (!boundary) return undefined;
  const [, ...pieces] = `\n${body}`.split(`\n--${boundary}`);
  const end = pieces.findIndex((piece) => piece.startsWith('--'));
  return (end === -1 ? pieces : pieces.slice(0, end)).map((piece) => decodePart(piece.replace(/^[ \t]*\n/, '')));
}

function encodePart(part: UserDataPart, index: number): string {
  if (!CONTENT_TYPE.test(part.contentType)) throw new TypeError(`"${part.contentType}" is not a content type of user data.`);
  const plain = PLAIN.test(part.content);
  const content = plain ? part.content : Buffer.from(part.content, 'utf8').toString('base64').replace(/(.{76})(?=.)/g, '$1\n');
  return [
    `Content-Type: ${part.contentType}; charset="utf-8"`,
    'MIME-Version: 1.0',
    `Content-Transfer-Encoding: ${plain ? '7bit' : 'base64'}`,
    `Content-Disposition: attachment; filename="part-${String(index + 1).padStart(3, '0')}"`,
    '',
    content,
  ].join('\n');
}

function decodePart(piece: string): UserDataPart {
  const [head, body] = splitHead(piece);
  const contentType = /^content-type:\s*([^;\s]+)/im.exec(head)?.[1]?.toLowerCase() ?? 'text/plain';
  const encoded = /^content-transfer-encoding:\s*base64/im.test(head);
  return { contentType, content: encoded ? Buffer.from(body, 'base64').toString('utf8') : body };
}

function splitHead(text: string): [head: string, body: string] {
  if (text.startsWith('\n')) return ['', text.slice(1)];
  const end = text.indexOf('\n\n');
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 2)];
}

/** A boundary that follows from the text and does not occur in it. */
function freeBoundary(text: string): string {
  for (let salt = 0; ; salt++) {
    const boundary = `==fogbow-${hash(`${salt}:${text}`)}==`;
    if (!text.includes(boundary)) return boundary;
  }
}

/** FNV-1a: enough to tell texts apart; nothing secret depends on it. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
