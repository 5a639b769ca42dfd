import type { Submission } from '../orders/submission.js';
import type { ProcessHost } from './process-host.js';

/** What users asked of the federation and were told, which must stay true. */
export interface Promised {
  readonly id: string;
  readonly member: string;
  readonly submission: Submission;
  /** The processes that were asked for it and have not answered. */
  readonly asked: Set<ProcessHost>;
  /** The Manager has said that it is stored. */
  isTaken: boolean;
  /** Its owner may have asked for its removal: then it may be gone. */
  mayGo: boolean;
  /** The Manager has said that it goes: then it must. */
  mustGo: boolean;
  /** Its machine was taken away or broken on purpose, or given back: then a one-time order may be closed. */
  mayClose: boolean;
}

/** By order. */
export type Promises = Map<string, Promised>;
