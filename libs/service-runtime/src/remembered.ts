import type { Clock } from './clock.js';

/** The same, asked at most once in `freshMs`: whoever asks meanwhile, or while the answer is on its way, gets the same. A failure is remembered by nobody. */
export function remembered<Value>(ask: () => Promise<Value>, freshMs: number, clock: Pick<Clock, 'uptime'>): () => Promise<Value> {
  let last: { readonly at: number; readonly answer: Promise<Value> } | undefined;
  return async () => {
    const now = clock.uptime();
    if (!last || now - last.at >= freshMs) {
      const asked = { at: now, answer: ask() };
      last = asked;
      asked.answer.catch(() => { if (last === asked) last = undefined; });
    }
    return await last.answer;
  };
}
