import { ring } from '../../apps/rendezvous/src/testing/topologies.js';
import { measureConvergence } from './rendezvous-convergence.js';

jest.setTimeout(30_000);

it('needs as many rounds and bytes as theory says', async () => {
  const found = await measureConvergence({ members: 100, rendezvous: 6, edges: ring(6) });
  expect(found).toMatchObject({ roundsInTheory: 3, links: 12 });
  expect(found.rounds).toBeLessThanOrEqual(3);
  expect(found.steadyBytes / found.steadyBytesInTheory).toBeCloseTo(1.05, 1);
  expect(await measureConvergence({ members: 100, rendezvous: 6, edges: ring(6) })).toEqual({ ...found, seconds: expect.any(Number) as number });
});
