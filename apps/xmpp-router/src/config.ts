import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { clientMember, domainOf, isClient } from '@fogbow/messaging';
import { isMemberId } from '@fogbow/request-model';

export const SETTINGS = {
  'listen.host': { type: 'string', default: '127.0.0.1', meaning: 'Address on which components are accepted.' },
  'listen.port': { type: 'port', default: 5347, meaning: 'Port on which components are accepted; 0 takes any.' },
  components: { type: 'map', secret: true, default: {}, meaning: 'Address of each component and its secret.' },
  'websocket.port': { type: 'port', optional: true, meaning: 'Port for clients that speak XMPP over WebSocket, at /xmpp-websocket; 0 takes any; absent: none.' },
  clients: { type: 'map', secret: true, default: {}, meaning: 'Account of each client, such as manager@example.org, and its password.' },
  'http.host': { type: 'string', default: '127.0.0.1', meaning: 'Address of health and metrics.' },
  'http.port': { type: 'port', default: 0, meaning: 'Port of health and metrics; 0 takes any.' },
} as const satisfies SettingsTable;

/** Faults of the maps of components and clients, as sentences without secrets. */
export function componentFaults(values: SettingValues): string[] {
  const components = Object.entries(values['components'] as Record<string, unknown>);
  const clients = Object.entries((values['clients'] ?? {}) as Record<string, unknown>);
  if (components.length + clients.length === 0) return ['components and clients are empty: nobody could connect.'];
  const isText = (secret: unknown): boolean => typeof secret === 'string' && secret !== '';
  return [
    ...components.flatMap(([jid, secret]) => [
      ...(isMemberId(jid) && !isClient(jid) ? [] : [`components.${jid} is not an address such as manager.internal.example.`]),
      ...(isText(secret) ? [] : [`components.${jid} needs a secret, as a text.`]),
    ]),
    ...clients.flatMap(([account, secret]) => [
      ...(clientMember(account) !== undefined ? [] : [`clients.${account} is not an account such as manager@example.org.`]),
      ...(isText(secret) ? [] : [`clients.${account} needs a password, as a text.`]),
      ...(components.some(([jid]) => jid === domainOf(account)) ? [`clients.${account} lies in the domain of a component, whose addresses are its own.`] : []),
    ]),
    ...(clients.length > 0 && values['websocket.port'] === undefined ? ['websocket.port is missing: clients have no other way in.'] : []),
  ];
}
