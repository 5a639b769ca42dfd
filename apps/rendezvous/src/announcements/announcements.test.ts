import { createMemoryNetwork, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import { systemClock } from '@fogbow/service-runtime';
import { createMemberRegistry } from '../members/member-registry.js';
import { createIamaliveHandler } from './iamalive-handler.js';
import { createWhoisaliveHandler } from './whoisalive-handler.js';

async function rendezvous(admitted?: string[]) {
  const time = { now: new Date(0) };
  const clock = { ...systemClock, now: () => time.now };
  const registry = createMemberRegistry();
  const network = createMemoryNetwork();
  const [server, member] = [network.link('r.test'), network.link('m.test')];
  server.handle(IAMALIVE, createIamaliveHandler({ registry, clock, periodMs: 1000, lostAnnouncements: 3, ...(admitted ? { admitted } : {}) }));
  server.handle(WHOISALIVE, createWhoisaliveHandler({ registry, clock, pageMax: 2 }));
  await Promise.all([server.start(), member.start()]);
  return { time, member, list: () => member.request('r.test', WHOISALIVE, {}) };
}

it('enters who announces itself, tells the period, and drops it after three periods', async () => {
  const { member, list, time } = await rendezvous();
  expect(await member.request('r.test', IAMALIVE, { certificate: 'QQ==' })).toEqual({ periodMs: 1000 });
  time.now = new Date(3000);
  expect(await list()).toEqual({ members: [{ id: 'm.test', certificate: 'QQ==' }], total: 1 });
  time.now = new Date(3001);
  expect(await list()).toEqual({ members: [], total: 0 });
});

it.each<[string, string[], number]>([['admits the listed', ['m.test'], 1], ['ignores the others, with the usual answer', ['x.test'], 0]])('%s', async (_what, admitted, total) => {
  const { member, list } = await rendezvous(admitted);
  expect(await member.request('r.test', IAMALIVE, {})).toEqual({ periodMs: 1000 });
  expect(await list()).toMatchObject({ total });
});

it('refuses what would not fit into a page', async () => {
  const { member } = await rendezvous();
  await expect(member.request('r.test', IAMALIVE, { certificate: 'x'.repeat(5000) })).rejects.toMatchObject({ code: 'bad-syntax' });
});

it('passes on that a page begins after nobody', async () => {
  const { member } = await rendezvous();
  await expect(member.request('r.test', WHOISALIVE, { after: 'gone.test' })).rejects.toMatchObject({ code: 'not-found' });
});
