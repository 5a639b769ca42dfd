import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { isMemberId } from '@fogbow/request-model';

export const SETTINGS = {
  'xmpp.jid': { type: 'string', meaning: 'Address of this Rendezvous as a component of the XMPP server.' },
  'xmpp.host': { type: 'string', default: '127.0.0.1', meaning: 'Host of the XMPP server.' },
  'xmpp.port': { type: 'port', default: 5347, min: 1, meaning: 'Port for components of the XMPP server.' },
  'xmpp.secret': { type: 'string', secret: true, meaning: 'Secret of the component.' },
  'http.host': { type: 'string', default: '127.0.0.1', meaning: 'Address of the list of members, health and metrics.' },
  'http.port': { type: 'port', default: 8181, meaning: 'Port of the list of members, health and metrics; 0 takes any.' },
  announcePeriod: { type: 'duration', default: '3m', min: 100, meaning: 'How often a Manager announces itself; told to it in every reply.' },
  lostAnnouncements: { type: 'integer', default: 3, min: 1, meaning: 'After so many periods of silence a member is dropped.' },
  pageMax: { type: 'integer', default: 100, min: 1, meaning: 'Largest page of the list of members.' },
  admittedMembers: { type: 'list', optional: true, meaning: 'Addresses of the only members that are entered; absent: all are.' },
} as const satisfies SettingsTable;

/** What a table of single values cannot say. */
export function addressFaults(values: SettingValues): string[] {
  const admitted = (values['admittedMembers'] ?? []) as readonly unknown[];
  const addresses: [string, unknown][] = [['xmpp.jid', values['xmpp.jid']], ...admitted.map((id): [string, unknown] => ['admittedMembers', id])];
  return addresses
    .filter(([, address]) => typeof address !== 'string' || !isMemberId(address))
    .map(([setting, address]) => `${setting}: ${JSON.stringify(address)} is not an address such as rendezvous.internal.example.`);
}
