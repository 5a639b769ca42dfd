import { readFileSync } from 'node:fs';
import type { CloudCredentials } from '@fogbow/plugin-contracts';

export interface ReadCredentials {
  readonly credentials: CloudCredentials;
  /** Whole sentences; none holds a value. */
  readonly faults: readonly string[];
}

/** Names and values of one account. `passwordFile: /run/secrets/x` gives `password` from a file, so that no secret need stand in the configuration. */
export function readCredentials(given: unknown, name: string): ReadCredentials {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { credentials: {}, faults: [`${name} must be a map of names and values.`] };
  const credentials: Record<string, string> = {};
  const faults: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (typeof value !== 'string' && typeof value !== 'number') faults.push(`${name}.${key} must be a text.`);
    else if (!key.endsWith('File')) credentials[key] = String(value);
    else {
      try {
        credentials[key.slice(0, -'File'.length)] = readFileSync(String(value), 'utf8').trim();
      } catch (error) {
        faults.push(`${name}.${key} cannot be read: ${(error as Error).message}`);
      }
    }
  }
  return { credentials, faults };
}
