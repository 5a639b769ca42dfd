/** The only source of alarms, beside the Clock that it goes with. */
export interface Timers {
  /** Runs the action once, `ms` from now, unless the returned function is called before. */
  after(ms: number, action: () => void): () => void;
}

export const systemTimers: Timers = {
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/** The same, for alarms that shall not keep a process alive. */
export const quietTimers: Timers = {
  after(ms, action) {
    const timer = setTimeout(action, ms).unref();
    return () => clearTimeout(timer);
  },
};
