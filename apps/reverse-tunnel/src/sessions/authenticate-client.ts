import type { AuthContext, Connection } from 'ssh2';
import type { StoredGrant } from '../grants/stored-grant.js';
import { secretMatches } from './secret-matches.js';

export interface LoginPolicy {
  readonly grants: { get(id: string): StoredGrant | undefined };
  /** Wrong secrets that one connection may send. */
  readonly secretTries: number;
}

export interface LoginAnswers {
  /** Runs within the client's `ready` event. */
  readonly onLogin: (grantId: string) => void;
  readonly onRefused: (user: string) => void;
  /** The connection has used up its tries and must be closed. */
  readonly onTooMany: () => void;
}

/** User name = id of a grant, password = its secret; no other method is offered. */
export function authenticateClient(client: Connection, policy: LoginPolicy, answers: LoginAnswers): void {
  let wrong = 0;
  client.on('authentication', (context: AuthContext) => {
    if (context.method !== 'password') return context.reject(['password']);
    if (secretMatches(context.password, policy.grants.get(context.username)?.secretHash)) {
      client.once('ready', () => answers.onLogin(context.username));
      return context.accept();
    }
    wrong++;
    answers.onRefused(context.username);
    context.reject(['password']);
    if (wrong >= policy.secretTries) answers.onTooMany();
  });
}
