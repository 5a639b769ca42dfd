import type { UserRef } from '@fogbow/request-model';

/** Who is calling the API? Called on every request; answers must be quick or cached by the plugin. */
export interface IdentityProvider {
  /** The text of the `WWW-Authenticate` header of a 401 answer. */
  readonly challenge: string;
  /** P1: the user of a federation token, or undefined when it is unknown, malformed or expired. Compares in constant time. */
  authenticate(token: string, signal: AbortSignal): Promise<UserRef | undefined>;
}
