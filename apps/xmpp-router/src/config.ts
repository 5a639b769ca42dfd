import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { isMemberId } from '@fogbow/request-model';

export const SETTINGS = {
  'listen.host': { type: 'string', default: '127.0.0.1', meaning: 'Address on which components are accepted.' },
  'listen.port': { type: 'port', default: 5347, meaning: 'Port on which components are accepted; 0 takes any.' },
  components: { type: 'map', secret: true, meaning: 'Address of each component and its secret.' },
  'http.host': { type: 'string', default: '127.0.0.1', meaning: 'Address of health and metrics.' },
  'http.port': { type: 'port', default: 0, meaning: 'Port of health and metrics; 0 takes any.' },
} as const satisfies SettingsTable;

/** Faults of the map of components, as sentences without secrets. */
export function componentFaults(values: SettingValues): string[] {
  const components = Object.entries(values['components'] as Record<string, unknown>);
  if (components.length === 0) return ['components is empty: nobody could connect.'];
  return components.flatMap(([jid, secret]) => [
    ...(isMemberId(jid) ? [] : [`components.${jid} is not an address such as manager.internal.example.`]),
    ...(typeof secret === 'string' && secret !== '' ? [] : [`components.${jid} needs a secret, as a text.`]),
  ]);
}
