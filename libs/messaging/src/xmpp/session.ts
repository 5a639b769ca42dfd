import type { XmlElement } from '../xml/element.js';
import type { StreamLimits } from '../xml/stream-parser.js';

/** What every kind of connection needs to begin. */
export interface SessionOptions {
  readonly connectTimeoutMs: number;
  readonly limits: StreamLimits;
  /** Gives up while it still connects. */
  readonly signal: AbortSignal;
}

export interface SessionListener {
  stanza(stanza: XmlElement): void;
  skipped(name: string): void;
}

/** One connection, from the moment when both sides know each other to its end. */
export interface Session {
  /** Takes what encodeStanza made; rejects when the socket cannot take it. */
  write(text: string): Promise<void>;
  /** Bytes that wait to leave. */
  backlog(): number;
  /** Resolves with the reason when the connection is over. */
  readonly ended: Promise<string>;
  /** How many packets have come. */
  heard(): number;
  /** Ends the connection at once, for a reason that `ended` tells. */
  cut(why: string): void;
  close(): Promise<void>;
}

/** Milliseconds for an orderly end. */
export const CLOSE_GRACE_MS = 500;

const EXPLANATIONS: Readonly<Record<string, string>> = {
  'not-authorized': 'the server refuses our secret',
  'host-unknown': 'the server knows no component or domain of our name',
  conflict: 'another connection of our name took the place of this one',
  'invalid-from': 'the server does not let us send from this address',
  'policy-violation': 'the server does not accept what we sent',
  'system-shutdown': 'the server stops',
};

/** What the condition of an error means to the operator who reads it in a log. */
export function explainCondition(condition: string | undefined): string {
  const words = EXPLANATIONS[condition ?? ''];
  return words === undefined ? `the server says ${condition ?? 'stream error'}` : `${words} (${condition})`;
}
