const RISKY = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The same value, with everything escaped that a terminal could obey. */
export function renderJson(value: unknown, indent = 2): string {
  return (JSON.stringify(value, undefined, indent) ?? 'null').replace(RISKY, escaped);
}
