import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Where a server finds what it proves itself with; PEM, the certificate with those above it. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Told when renewed files were taken, or cannot be. */
  readonly onRenewal?: (fault?: Error) => void;
}

export interface TlsContext {
  readonly cert: string;
  readonly key: string;
}

/** Milliseconds. Who renews writes two files, one after the other: what does not fit together yet is looked at again. */
const LOOK_MS = 10_000;

/** Throws when a file cannot be read or both are no pair. */
export function readTlsFiles({ certificateFile, keyFile }: Pick<TlsFiles, 'certificateFile' | 'keyFile'>): TlsContext {
  const context = { cert: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  createSecureContext(context);
  return context;
}

/**
 * Looks at the files again and again, and hands a new pair over. By content and not by events: in a container a renewed file comes by a mount, on
 * which there are none. Returns what ends it.
 */
export function keepFresh(files: TlsFiles, take: (context: TlsContext) => void, everyMs = LOOK_MS): () => void {
  let [current, complaint] = [readTlsFiles(files).cert, ''];
  const look = (): void => {
    try {
      const context = readTlsFiles(files);
      if (context.cert === current) return;
      take(context);
      [current, complaint] = [context.cert, ''];
      files.onRenewal?.();
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint) files.onRenewal?.(error as Error);
      complaint = message;
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
