const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Texts of servers, and of members behind them, must not move the cursor, colour the screen or turn the writing round. */
export function printable(text: string): string {
  return text.replace(CONTROL, ' ');
}
