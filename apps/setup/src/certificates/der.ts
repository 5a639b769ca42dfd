/** As much of DER (ITU-T X.690) as certificates need. Each function gives one encoded value. */
function value(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : [0x80 | Math.ceil(length.toString(16).length / 2), ...bytesOf(length)];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function bytesOf(number: number): number[] {
  return number < 256 ? [number] : [...bytesOf(Math.floor(number / 256)), number % 256];
}

export const sequence = (...parts: readonly Buffer[]): Buffer => value(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => value(0x31, Buffer.concat(parts));
export const utf8 = (text: string): Buffer => value(0x0c, Buffer.from(text));
export const octets = (content: Buffer): Buffer => value(0x04, content);
export const bits = (content: Buffer, unused = 0): Buffer => value(0x03, Buffer.concat([Buffer.from([unused]), content]));
export const truth = Buffer.from([0x01, 0x01, 0xff]);
/** `[n]` around a value, or in the place of its tag. */
export const explicit = (n: number, content: Buffer): Buffer => value(0xa0 | n, content);
export const implicit = (n: number, content: Buffer): Buffer => value(0x80 | n, content);

/** A whole number that is not negative. */
export function integer(content: Buffer): Buffer {
  return value(0x02, (content[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), content]) : content);
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const group = (number: number): number[] => (number < 128 ? [number] : [...group(Math.floor(number / 128)).map((byte) => byte | 0x80), number % 128]);
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(group)]));
}

/** Seconds are the finest; RFC 5280 wants two digits of the year until 2049. */
export function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return at.getUTCFullYear() < 2050 ? value(0x17, Buffer.from(digits.slice(2))) : value(0x18, Buffer.from(digits));
}
