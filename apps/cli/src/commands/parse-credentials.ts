import { usageError } from '../cli-error.js';

/** `key=value` words of -D; the first `=` separates. Undefined where there are none. */
export function parseCredentials(words: readonly string[] | undefined): Record<string, string> | undefined {
  if (!words || words.length === 0) return undefined;
  return Object.fromEntries(words.map((word) => {
    const separator = word.indexOf('=');
    if (separator < 1) throw usageError(`-D takes key=value; "${word}" is not that.`);
    return [word.slice(0, separator), word.slice(separator + 1)];
  }));
}
