import { createHash } from 'node:crypto';
import type { AuthContext, Connection, PublicKeyAuthContext } from 'ssh2';
import { utils } from 'ssh2';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { LoginAsk } from '../workers/contract.js';
import type { RefusalReason } from './refusal-reason.js';

export interface LoginPolicy {
  /** Wrong secrets that one connection may send; four times as many keys it may offer. */
  readonly secretTries: number;
  ask(user: string, proof: LoginAsk['proof']): Promise<{ readonly grant: StoredGrant } | { readonly refused: RefusalReason }>;
  /** Runs within the client's `ready` event. */
  onLogin(grant: StoredGrant): void;
  onRefused(user: string, reason: RefusalReason): void;
  /** The connection has used up its tries and must be closed. */
  onTooMany(): void;
}

const METHODS: ('password' | 'publickey')[] = ['publickey', 'password'];
const KEYS_PER_SECRET = 4;

/** User name = id of a grant; password = its secret, or the key that the grant names. Nothing else is offered. */
export function authenticateClient(client: Connection, policy: LoginPolicy): void {
  let tries = policy.secretTries * KEYS_PER_SECRET;
  const refuse = (context: AuthContext, reason: RefusalReason, costs: number): void => {
    tries -= costs;
    policy.onRefused(context.username, reason);
    context.reject(METHODS);
    if (tries <= 0) policy.onTooMany();
  };
  const accept = (context: AuthContext, grant: StoredGrant): void => {
    client.once('ready', () => policy.onLogin(grant));
    context.accept();
  };
  const password = async (context: AuthContext & { readonly password: string }): Promise<void> => {
    const answer = await policy.ask(context.username, { secretHash: createHash('sha256').update(context.password, 'utf8').digest('hex') });
    if ('grant' in answer) accept(context, answer.grant);
    else refuse(context, answer.refused, KEYS_PER_SECRET);
  };
  /** Asked first without a signature, whether the key would do; then with one. */
  const publicKey = async (context: PublicKeyAuthContext): Promise<void> => {
    const answer = await policy.ask(context.username, { publicKey: `${context.key.algo} ${context.key.data.toString('base64')}` });
    if ('refused' in answer) return refuse(context, answer.refused, 1);
    if (!context.signature) return context.accept();
    if (isSigned(context)) accept(context, answer.grant);
    else refuse(context, 'wrong-key', KEYS_PER_SECRET);
  };
  client.on('authentication', (context) => {
    const work = context.method === 'password' ? password(context) : context.method === 'publickey' ? publicKey(context) : undefined;
    if (!work) return context.reject(METHODS);
    // The control is gone, and so are we in a moment.
    work.catch(() => context.reject(METHODS));
  });
}

function isSigned({ key, signature, blob, hashAlgo }: PublicKeyAuthContext): boolean {
  const known = utils.parseKey(key.data);
  return !(known instanceof Error) && known.verify(blob as Buffer, signature as Buffer, hashAlgo) === true;
}
