import { usageError } from '../cli-error.js';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * An instant as the server takes it: ISO 8601 with an offset (without one: UTC), `+2h` from now, or a date, which means the whole day in
 * UTC: its beginning for a start, its end for an end.
 */
export function parseValidity(text: string, end: 'from' | 'until', now: Date): string {
  const relative = /^\+(\d{1,6})([mhd])$/.exec(text);
  if (relative) return new Date(now.getTime() + Number(relative[1]) * (UNITS[relative[2] as string] as number)).toISOString();
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:?\d{2})?$/.test(text);
  const whole = isDate ? `${text}T${end === 'from' ? '00:00:00.000' : '23:59:59.999'}Z` : /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`;
  const instant = new Date(whole);
  // Date rolls the 31st of February over: a day that does not exist is a typing error.
  const isReal = !isDate || !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
  if ((isDate || isInstant) && !Number.isNaN(instant.getTime()) && isReal) return instant.toISOString();
  throw usageError(`"${text}" is not a time.`, 'Give a date (2030-01-31), an instant (2030-01-31T18:00Z) or a while from now (+30m, +2h, +7d).');
}
