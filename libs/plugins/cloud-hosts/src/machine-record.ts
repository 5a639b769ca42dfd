import { FogbowError } from '@fogbow/plugin-contracts';
import type { Size } from '@fogbow/request-model';

/** What a machine is: `machine.json` of its folder, written once and before the folder has its name. */
export interface MachineRecord {
  /** Host, dot, client token, dash and eight hexadecimal digits: host and folder follow from it, and no id is ever used twice. */
  readonly id: string;
  readonly clientToken: string;
  readonly size: Size;
  /** The name that users know. */
  readonly image: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface MachineName {
  readonly host: string;
  readonly clientToken: string;
  /** Eight hexadecimal digits. */
  readonly nonce: string;
}

const CLIENT_TOKEN = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ID = /^([a-z0-9]{1,20})\.([a-z0-9][a-z0-9-]{0,62})-([0-9a-f]{8})$/;

export const idOf = ({ host, clientToken, nonce }: MachineName): string => `${host}.${clientToken}-${nonce}`;

/** Undefined for what cannot be an id, so no id ever leads out of the folder of its host. */
export function parseId(id: string): MachineName | undefined {
  const [, host, clientToken, nonce] = ID.exec(id) ?? [];
  return host !== undefined && clientToken !== undefined && nonce !== undefined ? { host, clientToken, nonce } : undefined;
}

export const isClientToken = (text: string): boolean => CLIENT_TOKEN.test(text);

/** Throws cloud-rejected for what could not be the name of a folder. */
export function requireClientToken(text: string): void {
  if (!isClientToken(text)) throw new FogbowError('cloud-rejected', 'A client token is 1 to 63 of a-z, 0-9 and dash.');
}
