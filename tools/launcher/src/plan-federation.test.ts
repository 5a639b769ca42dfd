import fc from 'fast-check';
import { readOptions } from './options.js';
import { planFederation, portsOf } from './plan-federation.js';
import { ephemeralPortsWarning } from './refuse-taken-ports.js';

const planOf = (...argv: string[]): ReturnType<typeof planFederation> => planFederation(readOptions(argv, '/clone', '/here'));

describe('the plan of a federation', () => {
  it('gives member a room for two machines and the others more', () => {
    expect(planOf('--members', '3').members.map(({ id, user, maxInstances }) => [id, user, maxInstances])).toEqual([
      ['manager.a.fogbow.local', 'alice', 2], ['manager.b.fogbow.local', 'bob', 10], ['manager.c.fogbow.local', 'carol', 10],
    ]);
  });

  it('never uses a port twice, nor one outside its blocks', () => {
    fc.assert(fc.property(fc.integer({ min: 1024, max: 62_000 }), fc.integer({ min: 1, max: 26 }), fc.boolean(), fc.boolean(), (base, members, fake, prosody) => {
      const plan = planOf('--port-base', String(base), '--members', String(members), ...(fake ? ['--cloud-a', 'cloud-fake'] : []), ...(prosody ? ['--xmpp', 'prosody'] : []));
      const own = portsOf(plan).map(({ port }) => port);
      const open = plan.members.flatMap(({ ports }) => Array.from({ length: ports.publicTo - ports.publicFrom + 1 }, (_, index) => ports.publicFrom + index));
      const all = [...own, ...open];
      expect(new Set(all).size).toBe(all.length);
      expect(Math.min(...all)).toBe(base);
      expect(Math.max(...all)).toBeLessThan(Math.min(65_536, base + 100 * (members + 1)));
    }));
  });

  it('warns of ports that the system gives to outgoing connections', () => {
    const range = { from: 32_768, to: 60_999 };
    expect(ephemeralPortsWarning(planOf('--port-base', '28000'), range)).toBeUndefined();
    expect(ephemeralPortsWarning(planOf('--port-base', '33000'), range)).toContain('--port-base');
  });
});
