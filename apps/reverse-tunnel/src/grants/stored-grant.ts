import type { GivenService, GrantLimits, TunnelGrant } from '@fogbow/queues';

export type { GrantLimits } from '@fogbow/queues';

/** A grant as the tunnel keeps it: every service has its port, and the Manager that asked is known. */
export interface StoredGrant {
  readonly id: string;
  readonly manager: string;
  readonly owner: string;
  /** SHA-256 of the secret, 64 hex digits. */
  readonly secretHash: string;
  /** `ssh-ed25519 AAAA…`: whoever has its private half may log in as well. */
  readonly publicKey?: string;
  readonly limits?: GrantLimits;
  readonly services: readonly GivenService[];
  /** ISO 8601, by the tunnel's clock. */
  readonly madeAt: string;
}

const MAX_SERVICES = 16;
export const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
/** The id is the user name of an SSH session and stands in command lines. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** True of what can be the id of a grant, and is no path and no word of a command line. */
export const isGrantId = (text: string): boolean => ID.test(text);

const KEY = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,2000}={0,2}( [^\n\r]{0,200})?$/;
const LIMITS = ['services', 'connections', 'bytesPerSecond', 'idleSeconds'];
const isLimits = (limits: object): boolean => Object.entries(limits).every(([name, value]) => LIMITS.includes(name) && Number.isSafeInteger(value) && value >= 0);

/** Why a grant cannot be made as asked, or undefined. */
export function grantFault(grant: TunnelGrant): string | undefined {
  const names = grant.services.map((service) => service.name);
  const ports = grant.services.flatMap((service) => service.port ?? []);
  if (!ID.test(grant.id)) return 'The id of a grant has 1 to 128 letters, digits, dots, dashes and underscores.';
  if (!/^[0-9a-f]{64}$/.test(grant.secretHash)) return 'secretHash must be SHA-256 in lower-case hex.';
  if (grant.publicKey !== undefined && !KEY.test(grant.publicKey)) return 'publicKey must be a line such as ssh-ed25519 AAAA….';
  if (grant.limits !== undefined && !isLimits(grant.limits)) return `limits are whole numbers: ${LIMITS.join(', ')}.`;
  if (names.length > (grant.limits?.services ?? MAX_SERVICES)) return `This grant may have ${grant.limits?.services} services.`;
  if (names.length === 0 || names.length > MAX_SERVICES) return `A grant has 1 to ${MAX_SERVICES} services.`;
  if (names.some((name) => !SERVICE_NAME.test(name))) return 'The name of a service has 1 to 63 letters, digits, dots, dashes and underscores.';
  if (new Set(names).size < names.length || new Set(ports).size < ports.length) return 'Each service of a grant has its own name and port.';
  return undefined;
}

/** A grant as it was written to Redis; undefined for anything else. */
export function readStoredGrant(text: string): StoredGrant | undefined {
  try {
    const grant = JSON.parse(text) as StoredGrant;
    const whole = typeof grant.manager === 'string' && !Number.isNaN(Date.parse(grant.madeAt)) && grantFault(grant) === undefined;
    return whole && grant.services.every((service) => Number.isInteger(service.port)) ? grant : undefined;
  } catch {
    return undefined;
  }
}
