import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { awaitEvent } from '../await-event.js';
import { addressOf, PORTS } from './layout.js';
import { createNetwork } from './network.js';
import type { Network } from './network.js';
import { whatIsMissing } from './what-is-missing.js';

jest.setTimeout(60_000);

const LISTEN = `require('net').createServer((socket) => socket.end()).listen(${PORTS.s2s}, () => console.log('listening'))`;
const TRY = "const socket = require('net').connect({ host: process.argv[1], port: process.argv[2], timeout: 700 }); const say = (word) => { console.log(word); process.exit(); }; socket.on('connect', () => say('open')).on('timeout', () => say('no answer')).on('error', (error) => say(error.code))";

const missing = whatIsMissing();
const whereHostsCanBeMade = missing === undefined ? describe : describe.skip;
whereHostsCanBeMade(`five hosts (${missing ?? 'which can be made here'})`, () => {
  let network: Network;
  beforeAll(async () => {
    network = createNetwork();
    await network.make();
    const [command = '', ...words] = network.on('ext-b');
    const server = spawn(command, [...words, process.execPath, '-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout, 'data');
  });
  afterAll(() => network.remove());

  const attempt = (from: Parameters<Network['on']>[0], host: string, port: number): Promise<string> => new Promise((resolve, reject) => {
    const [command = '', ...words] = network.on(from);
    execFile(command, [...words, process.execPath, '-e', TRY, host, String(port)], (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
  });
  const peer = addressOf('ext-b', 'peer');

  it('lets through what the walls name, and nothing else', async () => {
    expect(await attempt('ext-a', peer, PORTS.s2s)).toBe('open');
    expect(await attempt('int-a', peer, PORTS.s2s)).not.toBe('open');
    expect(await attempt('user', addressOf('ext-b', 'users'), PORTS.s2s)).toBe('no answer');
  });

  it('cuts without a word, and heals', async () => {
    await network.cut('ext A – ext B');
    expect(await attempt('ext-a', peer, PORTS.s2s)).toBe('no answer');
    await network.heal('ext A – ext B');
    expect(await attempt('ext-a', peer, PORTS.s2s)).toBe('open');
  });

  it('drops some packets of a bad line, and none of a good one', async () => {
    await network.worsen('ext A – ext B');
    await awaitEvent('a packet is lost', async () => { await attempt('ext-a', peer, PORTS.s2s); return await network.lost('ext A – ext B') > 0; });
    await network.heal('ext A – ext B');
    expect(await network.lost('ext A – ext B')).toBe(0);
  });

  it('counts who tries to come inside, at both ends', async () => {
    expect(await network.inward()).toBe(0);
    expect(await attempt('ext-b', addressOf('int-b', 'dmz'), PORTS.manager)).toBe('no answer');
    expect(await network.inward()).toBe(2);
  });

  it('leaves nothing behind', async () => {
    await network.remove();
    expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(`fogbow-${process.pid}-`);
  });
});
