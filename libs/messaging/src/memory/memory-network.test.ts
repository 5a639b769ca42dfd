import { IAMALIVE } from '../messages/iamalive.js';
import { describeFederationLink } from '../link-suite.js';
import { createMemoryNetwork } from './memory-network.js';
import type { Fate, Transit } from './memory-transport.js';

describeFederationLink('memory network', async () => {
  const network = createMemoryNetwork();
  return { link: (member, options) => network.link(member, options), close: async () => undefined };
});

describe('memory network: knobs', () => {
  const open = async () => {
    const network = createMemoryNetwork();
    const [a, b] = [network.link('a.test'), network.link('b.test')];
    const heard: string[] = [];
    b.handle(IAMALIVE, async (from) => { heard.push(from); return { periodMs: heard.length }; });
    await Promise.all([a.start(), b.start()]);
    return { network, a, b, heard };
  };

  it.each<[string, (transit: Transit) => Fate, string, number]>([
    ['loses requests', ({ type }) => ({ lose: type === 'get' }), 'timeout', 0],
    ['loses answers', ({ type }) => ({ lose: type === 'result' }), 'timeout', 1],
    ['delays past the timeout', () => ({ delayMs: 60 }), 'timeout', 0],
  ])('%s', async (_what, fate, code, handled) => {
    const { network, a, heard } = await open();
    network.setFate(fate);
    await expect(a.request('b.test', IAMALIVE, {}, { timeoutMs: 40 })).rejects.toMatchObject({ code });
    expect(heard).toHaveLength(handled);
  });

  it('duplicates, and takes the first answer', async () => {
    const { network, a, heard } = await open();
    network.setFate(() => ({ duplicate: true }));
    expect(await a.request('b.test', IAMALIVE, {})).toEqual({ periodMs: 1 });
    expect(heard).toHaveLength(2);
  });

  it('moves and gives up by the timers that it is given', async () => {
    const alarms: { ms: number; action: () => void }[] = [];
    const timers = { after: (ms: number, action: () => void) => { alarms.push({ ms, action }); return () => undefined; } };
    const network = createMemoryNetwork({ timers });
    const [a, b] = [network.link('a.test', { timers }), network.link('b.test')];
    const heard: string[] = [];
    b.handle(IAMALIVE, async (from) => { heard.push(from); return {}; });
    await Promise.all([a.start(), b.start()]);
    network.setFate(() => ({ delayMs: 7, duplicate: true, duplicateDelayMs: 9 }));
    const waiting = expect(a.request('b.test', IAMALIVE, {}, { timeoutMs: 40 })).rejects.toMatchObject({ code: 'timeout' });
    expect(alarms.map(({ ms }) => ms).sort((left, right) => left - right)).toEqual([7, 9, 40]);
    expect(heard).toEqual([]);
    for (const { ms, action } of alarms.splice(0)) if (ms < 40) action(); else setImmediate(action);
    await waiting;
    expect(heard).toEqual(['a.test', 'a.test']);
  });

  it('shows the fate function what passes', async () => {
    const { network, a } = await open();
    const seen: Transit[] = [];
    network.setFate((transit) => { seen.push(transit); return {}; });
    await a.request('b.test', IAMALIVE, {});
    expect(seen.map(({ from, to, type, namespace }) => [from, to, type, namespace])).toEqual([
      ['a.test', 'b.test', 'get', IAMALIVE.namespace],
      ['b.test', 'a.test', 'result', IAMALIVE.namespace],
    ]);
    expect(seen[0]?.bytes).toBe(`<iq type="get" id="${seen[0]?.id}" from="a.test" to="b.test"><query xmlns="${IAMALIVE.namespace}"/></iq>`.length);
  });

  it('cuts and restores members', async () => {
    const { network, a, b } = await open();
    network.setFate(() => ({ delayMs: 1000 }));
    const waiting = expect(a.request('b.test', IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    network.setFate(undefined);
    network.cut('a.test');
    await waiting;
    expect([a.connected(), b.connected()]).toEqual([false, true]);
    await expect(a.request('b.test', IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    await expect(b.request('a.test', IAMALIVE, {})).rejects.toMatchObject({ code: 'unavailable' });
    network.restore('a.test');
    expect(await a.request('b.test', IAMALIVE, {})).toEqual({ periodMs: 1 });
  });
});
