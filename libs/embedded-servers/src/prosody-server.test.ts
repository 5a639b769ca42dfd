import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './process.js';
import { accountFile, luaText, prosodyConfig } from './prosody-config.js';
import type { ProsodySite } from './prosody-config.js';
import { findProsody, freeProsodyPorts, startProsody } from './prosody-server.js';
import type { ProsodyServer } from './prosody-server.js';

const SURROUNDINGS = { folder: '/f', certificate: '/c', key: '/k', trusted: '/t', peers: { 'b.test': { host: '192.0.2.1', port: 7 } }, asRoot: false };
const site: ProsodySite = { domain: 'a.test', components: { 'm.a.test': 'top "secret"' }, ports: { component: 1, s2s: 2, http: 3, https: 4 } };

describe('the configuration', () => {
  it.each([['plain', '"plain"'], ['a "b" \\ \n', '"a \\034b\\034 \\092 \\010"'], ['ä', '"\\195\\164"']])('writes %j as Lua', (text, lua) => expect(luaText(text)).toBe(lua));

  it('names components, ports and peers', () => {
    const text = prosodyConfig(site, SURROUNDINGS);
    for (const line of ['Component "m.a.test"\n  component_secret = "top \\034secret\\034"', 'VirtualHost "a.test"', 'component_ports = { 1 }', 'fogbow_peers = { ["b.test"] = { "192.0.2.1", 7 } }']) expect(text).toContain(line);
    expect(text).not.toContain('run_as_root');
    expect(prosodyConfig(site, { ...SURROUNDINGS, asRoot: true })).toContain('run_as_root = true');
  });

  it('listens on loopback unless it is told where', () => {
    expect(prosodyConfig(site, SURROUNDINGS)).toContain('s2s_interfaces = { "127.0.0.1" }');
    const text = prosodyConfig({ ...site, hosts: { component: '192.0.2.2', s2s: '192.0.2.3' } }, SURROUNDINGS);
    for (const part of ['component_interfaces = { "192.0.2.2" }', 's2s_interfaces = { "192.0.2.3" }']) expect(text).toContain(part);
  });

  it('puts accounts where Prosody looks for them', () => {
    expect(accountFile(site, 'x-1', 'p')).toEqual({ path: 'data/a%2etest/accounts/x%2d1.dat', content: 'return { ["password"] = "p" };\n' });
  });
});

const whereInstalled = findProsody(false, () => undefined) ? describe : describe.skip;
whereInstalled('Prosody (needs the package prosody)', () => {
  let parent: string;
  const servers: ProsodyServer[] = [];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'fb prosody-'));
    // The package's own user must be able to pass through.
    chmodSync(parent, 0o711);
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    rmSync(parent, { recursive: true, force: true });
  });

  const start = async (name: string, given?: ProsodySite): Promise<ProsodyServer> => {
    const directory = join(parent, name);
    mkdirSync(directory, { recursive: true });
    const one = given ?? { ...site, ports: await freeProsodyPorts() };
    const server = await startProsody({ directory, sites: [one], domain: one.domain, install: false, logFile: join(parent, `${name}.log`), log: () => undefined });
    servers.push(server);
    return server;
  };
  const answer = ({ site: { ports } }: ProsodyServer): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect(ports.component, '127.0.0.1', () => socket.write("<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='m.a.test'>"));
    socket.setEncoding('utf8').on('error', reject).on('data', (text: string) => { if (text.includes('id=')) { socket.destroy(); resolve(text); } });
  });

  it('runs twice side by side from a folder with a blank, and ends with all it started', async () => {
    const both = await Promise.all([start('one'), start('two')]);
    for (const server of both) expect(await answer(server)).toContain('m.a.test');
    for (const server of both) await server.stop();
    expect(both.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  it('says that a port is taken', async () => {
    const first = await start('one');
    const wanted = { ...site, ports: { ...await freeProsodyPorts(), s2s: first.site.ports.s2s } };
    await expect(start('two', wanted)).rejects.toThrow(/^Prosody of a\.test: Failed to open server port/);
  });

  it('takes over from one that a killed starter left running', async () => {
    const orphan = await start('one');
    const next = await start('one', orphan.site);
    expect(isAlive(orphan.pid)).toBe(false);
    expect(isAlive(next.pid)).toBe(true);
  });

  it('does not run as root where another user will do', async () => {
    const { pid } = await start('one');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    expect(uid).not.toBe(0);
  });
});
