import fc from 'fast-check';
import { chooseEndpoints } from './choose-endpoints.js';

const endpoint = (dialHost: string, dialPort = 2222) => ({ dialHost, dialPort, publicHost: `public.${dialHost}`, hostKey: 'ssh-ed25519 A' });
const [a, b, c, dead] = [endpoint('a'), endpoint('b'), endpoint('c'), endpoint('dead')];
const hosts = (list: readonly { readonly dialHost: string }[]): string => list.map(({ dialHost }) => dialHost).join(' ');

test('a tunnel of one host, or of an older version, is told as it is', () => {
  expect(chooseEndpoints({ endpoint: a }, 'g', [])).toEqual([a]);
});

test('machines begin at different hosts that are alive; who is silent comes last', () => {
  const seen = new Set(Array.from({ length: 50 }, (_, index) => hosts(chooseEndpoints({ endpoint: a, endpoints: [a, b, c, dead], alive: 3 }, `grant-${index}`, []))));
  expect([...seen].sort()).toEqual(['a b c dead', 'b c a dead', 'c a b dead']);
});

test('every host is told once', () => {
  fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 3 }), (id, alive) =>
    expect([...chooseEndpoints({ endpoint: a, endpoints: [a, b, c], alive }, id, [])].sort((x, y) => (x.dialHost < y.dialHost ? -1 : 1))).toEqual([a, b, c])));
});

test('the operator’s order counts, with ports or without; what is not known yet is passed over', () => {
  const made = { endpoint: a, endpoints: [a, b, endpoint('b', 2223), c], alive: 4 };
  expect(chooseEndpoints(made, 'g', ['c', 'nobody', 'b:2223'])).toEqual([c, endpoint('b', 2223)]);
  expect(chooseEndpoints(made, 'g', ['b'])).toEqual([b, endpoint('b', 2223)]);
  expect(() => chooseEndpoints(made, 'g', ['nobody'])).toThrow('tunnel.endpoints');
});
