import { startFederation } from './testing/start-federation.js';
import type { TestFederation } from './testing/start-federation.js';
import { eventually } from './testing/start-manager.js';

jest.setTimeout(60_000);

let federation: TestFederation;
beforeAll(async () => { federation = await startFederation([{ maxInstances: 0 }, { maxInstances: 0 }, { maxInstances: 4 }]); });
afterAll(() => federation.stop());

interface Verdict { readonly member: string; readonly verdict: string }
interface Order { readonly state: string; readonly placement: readonly Verdict[] }

test('a member that tells that it is full is not asked while another may have room', async () => {
  const [a, b, c] = federation.members as [typeof federation.members[0], typeof federation.members[0], typeof federation.members[0]];
  const client = a.client;
  const wish = { flavor: 'small', publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJXOgoIDHKzhAcxNgHYVY9lPkM3lVJPyAcmCkFW0V7NB alice' };
  const plan = async (): Promise<readonly Verdict[]> => (await client.post<{ orders: Order[] }>('/v1/orders?dryRun=true', wish)).data.orders[0]?.placement ?? [];
  const full = { member: b.id, verdict: 'may serve it, but says that it has no room' };
  await eventually(plan, (verdicts) => verdicts.some(({ member, verdict }) => member === full.member && verdict === full.verdict) && verdicts.some(({ member }) => member === c.id));
  await client.post('/v1/orders', { count: 4, ...wish });
  const orders = await eventually(async () => (await client.get<{ orders: Order[] }>('/v1/orders')).data.orders, (all) => all.every(({ state }) => state === 'fulfilled'));
  expect(await c.machines()).toHaveLength(4);
  // Who is asked and refuses is named with the reason; nobody was.
  expect(orders.map(({ placement }) => placement.find(({ member }) => member === b.id))).toEqual(orders.map(() => full));
});
