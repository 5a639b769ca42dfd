/** Rejects when the promise has not settled within the time; what it waits for goes on. A time that is not finite is no bound. */
export async function within<Value>(timeoutMs: number, what: string, promise: Promise<Value>): Promise<Value> {
  if (!Number.isFinite(timeoutMs)) return await promise;
  let timer: NodeJS.Timeout | undefined;
  // The promise may wait for what keeps no process alive, so the timer does.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not over after ${timeoutMs / 1000} s`)), Math.min(timeoutMs, LONGEST_MS));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Timers take no more than 31 bits. */
const LONGEST_MS = 2 ** 31 - 1;
