import { appendFile } from 'node:fs/promises';
import type { Clock, Logger } from '@fogbow/service-runtime';

/** Who was connected when: a machine to the tunnel (`session`), or a user to a service of it (`connection`). Times are ISO 8601. */
export interface AuditRecord {
  readonly kind: 'session' | 'connection';
  readonly grant: string;
  /** Of a connection. */
  readonly service?: string;
  readonly remote: string;
  readonly since: string;
  readonly until: string;
  /** Bytes from users to the machine, and from the machine to users. */
  readonly up: number;
  readonly down: number;
}

/**
 * JSON lines in a file, one for each session and connection that has ended. Lines are gathered and the file is opened anew for them, so that whoever
 * turns it over needs to tell nobody; several processes may write the same file. What a full disk refuses is lost, and the log says how much.
 */
export interface AuditLog {
  write(record: AuditRecord): void;
  stop(): Promise<void>;
}

const EVERY_MS = 500;
const MOST_LINES = 50_000;

export function createAuditLog(file: string | undefined, { clock, log }: { clock: Clock; log: Logger }): AuditLog {
  if (file === undefined) return { write: () => undefined, stop: () => Promise.resolve() };
  const stopping = new AbortController();
  let lines: string[] = [];
  let lost = 0;
  const flush = async (): Promise<void> => {
    const now = lines;
    lines = [];
    if (now.length === 0) return;
    try {
      await appendFile(file, now.join(''), { mode: 0o600 });
      if (lost > 0) log.error('records of who was connected are lost', { file, lost });
      lost = 0;
    } catch (error) {
      if (lost === 0) log.error('the audit file cannot be written', { file, error });
      lost += now.length;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(EVERY_MS, stopping.signal);
      await flush();
    }
    await flush();
  };
  const running = run();
  return {
    write(record) {
      if (lines.length >= MOST_LINES) lost += 1;
      else lines.push(`${JSON.stringify(record)}\n`);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
