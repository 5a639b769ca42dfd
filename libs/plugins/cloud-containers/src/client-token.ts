import { FogbowError } from '@fogbow/plugin-contracts';

/** Throws cloud-rejected for what could not be a part of a name in the engine. */
export function requireClientToken(text: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) throw new FogbowError('cloud-rejected', 'A client token is 1 to 63 of a-z, 0-9 and dash.');
}
