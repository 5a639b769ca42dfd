import type { Setting, SettingType } from '@fogbow/plugin-contracts';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BOOLEANS: Record<string, boolean> = { true: true, yes: true, on: true, false: false, no: false, off: false };

/** A duration as people write it (`30s`, `250ms`, `5m`, `1h`, `2d`) in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  return match ? Number(match[1]) * (UNITS[match[2] as string] as number) : undefined;
}

/** The reverse of {@link parseDuration}, in the largest unit that fits without a fraction. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(UNITS).reverse().find(([, each]) => ms !== 0 && ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

type Parsed = { value: unknown } | { fault: string };
const fault = (text: string): Parsed => ({ fault: text });
const whole = (raw: unknown): number | undefined => (/^-?\d+$/.test(String(raw).trim()) ? Number(raw) : undefined);

const PARSERS: Record<SettingType, (raw: unknown) => Parsed> = {
  string: (raw) => (typeof raw === 'object' ? fault('must be a text') : { value: String(raw) }),
  path: (raw) => (typeof raw === 'string' && raw !== '' ? { value: raw } : fault('must be a path')),
  integer: (raw) => { const value = whole(raw); return value === undefined ? fault('must be a whole number') : { value }; },
  number: (raw) => (Number.isFinite(Number(raw)) && String(raw).trim() !== '' ? { value: Number(raw) } : fault('must be a number')),
  port: (raw) => {
    const value = whole(raw);
    return value === undefined || value < 0 || value > 65535 ? fault('must be a port, 0 to 65535') : { value };
  },
  boolean: (raw) => {
    const value = typeof raw === 'boolean' ? raw : BOOLEANS[String(raw).toLowerCase()];
    return value === undefined ? fault('must be true or false') : { value };
  },
  duration: (raw) => {
    const value = typeof raw === 'string' ? parseDuration(raw) : undefined;
    return value === undefined ? fault('must be a duration such as 30s, 5m or 250ms') : { value };
  },
  url: (raw) => (typeof raw === 'string' && URL.canParse(raw) ? { value: raw } : fault('must be a URL')),
  list: (raw) => {
    if (Array.isArray(raw)) return { value: raw };
    return typeof raw === 'string' ? { value: raw.split(',').map((item) => item.trim()).filter(Boolean) } : fault('must be a list');
  },
  map: (raw) => (typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { value: raw } : fault('must be a map')),
};

/** One raw value against its row; the fault is the end of a sentence that starts with the setting's name. */
export function parseSetting(setting: Setting, raw: unknown): Parsed {
  const parsed = PARSERS[setting.type](raw);
  if ('fault' in parsed) return parsed;
  if (setting.oneOf && !setting.oneOf.includes(String(parsed.value))) return fault(`must be one of ${setting.oneOf.join(', ')}`);
  if (setting.min !== undefined && Number(parsed.value) < setting.min) return fault(`must be at least ${setting.min}`);
  return parsed;
}
