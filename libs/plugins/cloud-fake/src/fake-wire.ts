import type { CloudToken } from '@fogbow/plugin-contracts';
import type { Amount, Quota } from '@fogbow/request-model';

/** What JSON cannot say by itself: dates are ISO texts, no limit is null. */
export type OnWire<View> = Omit<View, 'createdAt'> & { readonly createdAt?: string };
export interface WireToken { readonly value: string; readonly expiresAt?: string }
export interface WireQuota { readonly limit: Readonly<Record<keyof Amount, number | null>>; readonly used: Amount }
export interface WireError { readonly code: string; readonly message: string }

/** The header that carries the token of a data call. */
export const TOKEN_HEADER = 'x-auth-token';

export function fromWire<View extends { readonly createdAt?: Date }>({ createdAt, ...rest }: OnWire<View>): View {
  return (createdAt === undefined ? rest : { ...rest, createdAt: new Date(createdAt) }) as unknown as View;
}

export function tokenFromWire({ value, expiresAt }: WireToken): CloudToken {
  return expiresAt === undefined ? { value } : { value, expiresAt: new Date(expiresAt) };
}

export function quotaFromWire({ limit, used }: WireQuota): Quota {
  return { limit: Object.fromEntries(Object.entries(limit).map(([key, value]) => [key, value ?? Infinity])) as unknown as Amount, used };
}
