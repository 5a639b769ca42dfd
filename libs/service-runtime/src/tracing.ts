import { currentCorrelation, withCorrelation } from './correlation.js';
import type { Correlation } from './correlation.js';

export interface SpanStart {
  readonly name: string;
  /** Who asks is the client of whoever answers; the rest is inside. */
  readonly kind: 'server' | 'client' | 'internal';
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** The trace begins here, with the id that is known already. */
  readonly isFirst?: boolean;
}

/** A piece of work that has begun. */
export interface OpenSpan {
  /** In whose name what is done in it goes on; undefined: in nobody's. */
  readonly correlation: Correlation | undefined;
  /** `error`: it failed, with this. */
  end(error?: unknown, attributes?: Readonly<Record<string, string | number>>): void;
}

/** Where spans go. None of the calls throws or waits. */
export interface Tracing {
  begin(start: SpanStart): OpenSpan;
  /** Sends what is still here, or gives it up after a moment. */
  stop(): Promise<void>;
}

/** Without an endpoint: nothing is loaded and nothing kept. */
export const noTracing: Tracing = {
  begin: () => ({ correlation: currentCorrelation(), end: () => undefined }),
  stop: () => Promise.resolve(),
};

/** Runs the work in a span, which ends as the work does. */
export async function inSpan<Result>(tracing: Tracing, start: SpanStart, work: () => Promise<Result>): Promise<Result> {
  if (tracing === noTracing) return await work();
  const span = tracing.begin(start);
  try {
    const result = await withCorrelation(span.correlation, work);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
