/**
 * How the Manager proves itself to a cloud. Called by the token keeper only, which caches, renews before expiry and
 * forgets a token that the cloud refused (docs/contracts/cloud-identity.md).
 */
export interface CloudIdentity {
  /** I1: a fresh token. Errors: cloud-unauthorized when the credentials are wrong, cloud-unavailable. */
  issue(credentials: CloudCredentials, signal: AbortSignal): Promise<CloudToken>;
}

/** Names and values that the operator configured for one cloud account. Never logged. */
export type CloudCredentials = Readonly<Record<string, string>>;

export interface CloudToken {
  readonly value: string;
  /** Absent: it does not expire. */
  readonly expiresAt?: Date;
}
