import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { isMemberId } from '@fogbow/request-model';
import { admissionFileFaults } from './admission/admission-file.js';

export const SETTINGS = {
  'xmpp.jid': { type: 'string', meaning: 'Address of this Rendezvous as a component of the XMPP server.' },
  'xmpp.host': { type: 'string', default: '127.0.0.1', meaning: 'Host of the XMPP server.' },
  'xmpp.port': { type: 'port', default: 5347, min: 1, meaning: 'Port for components of the XMPP server.' },
  'xmpp.tls': { type: 'boolean', default: false, meaning: 'Whether xmpp.port speaks TLS, as it should where it crosses hosts.' },
  'xmpp.caFile': { type: 'path', optional: true, meaning: 'Certificates in PEM that are trusted for xmpp.tls in place of the usual ones.' },
  'xmpp.secret': { type: 'string', secret: true, meaning: 'Secret of the component.' },
  'xmpp.keepAlive': { type: 'duration', default: '30s', min: 100, meaning: 'A silent XMPP server is asked for a sign of life this often; after three missing answers it is connected anew.' },
  'http.host': { type: 'string', default: '127.0.0.1', meaning: 'Address of the list of members, health and metrics.' },
  'http.port': { type: 'port', default: 8181, meaning: 'Port of the list of members, health and metrics; 0 takes any.' },
  'redis.url': { type: 'string', secret: true, optional: true, meaning: 'Redis that keeps the members: redis://host:port/db, rediss://…, unix:///path, or sentinel://… (docs/operations.md); without it a restart forgets them until their next announcement.' },
  'redis.prefix': { type: 'string', default: 'fogbow-rendezvous', meaning: 'Beginning of the keys in Redis; all processes of one Rendezvous have the same, and no other.' },
  announcePeriod: { type: 'duration', default: '3m', min: 100, meaning: 'How often a Manager announces itself.' },
  tellPeriod: { type: 'boolean', default: true, meaning: 'Whether announcePeriod is told in every reply to an announcement; else Managers use their own.' },
  lostAnnouncements: { type: 'integer', default: 3, min: 1, meaning: 'After so many periods of silence a member is dropped.' },
  pageMax: { type: 'integer', default: 100, min: 1, meaning: 'Largest page of the list of members.' },
  maxMembers: { type: 'integer', default: 10_000, min: 1, meaning: 'So many members are kept at most; further ones are refused.' },
  oldStatus: { type: 'boolean', default: false, meaning: 'Whether lists hold for every member the status that Managers until 2015 expect, 0 for what it did not tell; else what it told.' },
  admittedMembers: { type: 'list', optional: true, meaning: 'Addresses of the only members that are entered; neither this nor admittedFile: all are.' },
  admittedFile: { type: 'path', optional: true, meaning: 'File with more of such addresses, one a line, # for comments; read again when it changes.' },
  screenNeighbours: { type: 'boolean', default: false, meaning: 'Whether members that a neighbour tells must be admitted here too.' },
  'neighbours.list': { type: 'list', default: [], meaning: 'Addresses of other Rendezvous that tell us their members and may ask for ours.' },
  'neighbours.period': { type: 'duration', default: '60s', min: 100, meaning: 'How often each neighbour is asked; one that does not answer is asked less often, down to an eighth.' },
  'neighbours.timeout': { type: 'duration', default: '15s', min: 100, meaning: 'How long one page of a neighbour is waited for.' },
  'neighbours.pageMax': { type: 'integer', default: 100, min: 1, meaning: 'Largest page that is asked of a neighbour or given to one.' },
} as const satisfies SettingsTable;

const listOf = (values: SettingValues, name: keyof typeof SETTINGS): readonly unknown[] => (values[name] ?? []) as readonly unknown[];

/** What a table of single values cannot say. */
export function configurationFaults(values: SettingValues): string[] {
  const addresses: [string, unknown][] = [
    ['xmpp.jid', values['xmpp.jid']],
    ...(['admittedMembers', 'neighbours.list'] as const).flatMap((name) => listOf(values, name).map((id): [string, unknown] => [name, id])),
  ];
  const own = values['xmpp.jid'];
  return [
    ...addresses.filter(([, address]) => typeof address !== 'string' || !isMemberId(address))
      .map(([setting, address]) => `${setting}: ${JSON.stringify(address)} is not an address such as rendezvous.internal.example.`),
    ...(listOf(values, 'neighbours.list').includes(own) ? ['neighbours.list: a Rendezvous is not its own neighbour.'] : []),
    ...(values['admittedFile'] === undefined ? [] : admissionFileFaults(String(values['admittedFile'])).map((fault) => `admittedFile: ${fault}`)),
  ];
}
