/** One leg of the installation. */
export interface Check {
  readonly name: string;
  /** Resolves to what is well, in a few words; rejects with a {@link Fault}, or with whatever went wrong. */
  run(signal: AbortSignal): Promise<string>;
  /** What an operator does about a failure that has no remedy of its own. */
  readonly remedy: string;
}

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly says: string;
  /** With every failure. */
  readonly remedy?: string;
  readonly ms: number;
}

export class Fault extends Error {
  override readonly name = 'Fault';

  constructor(message: string, readonly remedy?: string) {
    super(message);
  }
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** Milliseconds that only go forward. */
  readonly uptime: () => number;
  readonly told?: (finding: Finding) => void;
}

/** One after the other, in their order: what comes first explains what fails later. A check that does not end is a failure. */
export async function runChecks(checks: readonly Check[], { timeoutMs, uptime, told }: RunOptions): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run, remedy } of checks) {
    const begun = uptime();
    const finding = await withLimit(run, timeoutMs).then(
      (says) => ({ check: name, ok: true, says }),
      (error: unknown) => ({ check: name, ok: false, says: wordsOf(error), remedy: (error instanceof Fault ? error.remedy : undefined) ?? remedy }),
    );
    const whole: Finding = { ...finding, ms: Math.round(uptime() - begun) };
    findings.push(whole);
    told?.(whole);
  }
  return findings;
}

async function withLimit(run: Check['run'], timeoutMs: number): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs);
  let stop: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    stop = () => reject(new Fault(`no answer within ${timeoutMs / 1000} s`));
    limit.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([run(limit), late]);
  } finally {
    limit.removeEventListener('abort', stop);
  }
}

/** Some errors of sockets have a code and no words. */
function wordsOf(error: unknown): string {
  const { message, code, errors } = error as NodeJS.ErrnoException & { readonly errors?: readonly Error[] };
  return message || errors?.map((one) => one.message).join(', ') || code || String(error);
}
