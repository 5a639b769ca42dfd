/** One word of a POSIX shell that stands for exactly this text, whatever is in it (but for NUL, which no word can hold). */
export function quoteForShell(text: string): string {
  if (text.includes('\0')) throw new RangeError('A shell word cannot hold the character NUL.');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
