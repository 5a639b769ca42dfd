/** What a shell sees of the outcome. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CliErrorDetails {
  /** What the user can do about it: a whole sentence. */
  readonly advice?: string;
  /** The server's code, where the server refused. */
  readonly code?: string;
  /** The HTTP status of a refusal. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** A failure that its message explains; shown without a stack. */
export class CliError extends Error {
  readonly advice: string | undefined;
  readonly code: string | undefined;
  readonly status: number | undefined;

  constructor(message: string, readonly exitCode: ExitCode, details: CliErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'CliError';
    this.advice = details.advice;
    this.code = details.code;
    this.status = details.status;
  }
}

export const usageError = (message: string, advice?: string): CliError => new CliError(message, EXIT.usage, advice ? { advice } : {});
export const refused = (message: string, advice?: string): CliError => new CliError(message, EXIT.refused, advice ? { advice } : {});

/** Ends with the status of a program that we ran for the user, and says nothing more. */
export class EndWith extends Error {
  constructor(readonly status: number) {
    super(`ended with ${status}`);
  }
}
