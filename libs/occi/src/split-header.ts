import { FogbowError } from '@fogbow/plugin-contracts';

/**
 * Splits at a separator outside double quotes, where a backslash protects a quote (the original split inside too). Throws bad-syntax for
 * quotes that do not end: what follows them would be swallowed.
 */
export function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (quoted && char === '\\') index += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === separator && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  if (quoted) throw new FogbowError('bad-syntax', 'Irregular Syntax.');
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
