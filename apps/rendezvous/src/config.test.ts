import { addressFaults } from './config.js';

it.each<[string, Record<string, unknown>, number]>([
  ['good', { 'xmpp.jid': 'rendezvous.a.test', admittedMembers: ['manager.a.test'] }, 0],
  ['nobody listed', { 'xmpp.jid': 'r.test' }, 0],
  ['with a resource', { 'xmpp.jid': 'r.test/x' }, 1],
  ['listed wrongly', { 'xmpp.jid': 'r.test', admittedMembers: ['a b', 7] }, 2],
])('addresses: %s', (_what, values, faults) => expect(addressFaults(values)).toHaveLength(faults));
