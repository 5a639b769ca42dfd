const [ZERO, DASH, PLUS, DOT] = [48, 45, 43, 46];
const FRACTION_AT = 'YYYY-MM-DD HH:MM:SS'.length;

/**
 * A `timestamptz` as PostgreSQL writes it: `2026-11-23 04:25:01.123456+00`, with minutes of the zone where it has some. Digits beyond milliseconds
 * are dropped. What looks otherwise (infinity, years before 100, of five digits or before Christ) is left to `otherwise`. Lists of orders
 * are full of times, and the driver's own parser takes a tenth of their time.
 */
export function parseTime<Other>(text: string, otherwise: (text: string) => Other): Date | Other {
  const zoneAt = text.charCodeAt(FRACTION_AT) === DOT ? endOfDigits(text, FRACTION_AT + 1) : FRACTION_AT;
  const sign = text.charCodeAt(zoneAt);
  const zoneLength = text.length - zoneAt;
  // Date.UTC takes the years before 100 for those after 1900.
  if ((sign !== PLUS && sign !== DASH) || (zoneLength !== 3 && zoneLength !== 6) || text.charCodeAt(4) !== DASH || text.startsWith('00')) return otherwise(text);
  const local = Date.UTC(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5) - 1, twoDigits(text, 8), twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17));
  const zoneMinutes = twoDigits(text, zoneAt + 1) * 60 + (zoneLength === 6 ? twoDigits(text, zoneAt + 4) : 0);
  return new Date(local + milliseconds(text, zoneAt) + (sign === PLUS ? -zoneMinutes : zoneMinutes) * 60_000);
}

const twoDigits = (text: string, at: number): number => (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;

function endOfDigits(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) < ZERO + 10) at += 1;
  return at;
}

/** PostgreSQL drops zeros at the end of the fraction. */
function milliseconds(text: string, end: number): number {
  let value = 0;
  for (let at = FRACTION_AT + 1, weight = 100; at < end && weight >= 1; at += 1, weight /= 10) value += (text.charCodeAt(at) - ZERO) * weight;
  return value;
}
