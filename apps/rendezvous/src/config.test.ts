import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationFaults } from './config.js';

const directory = mkdtempSync(join(tmpdir(), 'fogbow-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string): string => {
  const path = join(directory, `${Math.random()}`);
  writeFileSync(path, text);
  return path;
};

it.each<[string, Record<string, unknown>, number]>([
  ['good', { 'xmpp.jid': 'rendezvous.a.test', admittedMembers: ['manager.a.test'], 'neighbours.list': ['rendezvous.b.test'], admittedFile: file('manager.c.test\n') }, 0],
  ['nobody listed', { 'xmpp.jid': 'r.test' }, 0],
  ['with a resource', { 'xmpp.jid': 'r.test/x' }, 1],
  ['listed wrongly', { 'xmpp.jid': 'r.test', admittedMembers: ['a b', 7] }, 2],
  ['a neighbour listed wrongly', { 'xmpp.jid': 'r.test', 'neighbours.list': ['B.test'] }, 1],
  ['its own neighbour', { 'xmpp.jid': 'r.test', 'neighbours.list': ['r.test'] }, 1],
  ['no such file', { 'xmpp.jid': 'r.test', admittedFile: join(directory, 'none') }, 1],
  ['a file with two faults', { 'xmpp.jid': 'r.test', admittedFile: file('a b\nc.test\nd e\n') }, 2],
])('faults of a configuration: %s', (_what, values, faults) => expect(configurationFaults(values)).toHaveLength(faults));
