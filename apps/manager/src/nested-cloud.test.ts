import pg from 'pg';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import { occiCloud } from '@fogbow/cloud-occi';
import { eventually, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

/** A whole Manager as the cloud of another: cloud-occi keeps the contracts over our own OCCI. */

// Every create and every removal takes its way through the orders of the Manager.
jest.setTimeout(60_000);

const ROOM = { maxInstances: 2, maxVolumes: 50 };
const host = { memberId: 'manager.outer.test', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const defaults = Object.fromEntries(Object.entries(occiCloud.settings).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])));

let inner: TestManager;
let database: pg.Client;
beforeAll(async () => {
  const kinds = ['instances', 'volumes', 'networks', 'attachments'];
  inner = await startManager({ 'member.id': 'manager.inner.test', 'placement.retryAfter': '30s' }, { bootDelay: '30ms', kinds, ...ROOM, maxVolumeGb: 500 });
  database = new pg.Client({ connectionString: inner.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await inner.stop();
});

const withRoom = (knobs: Record<string, unknown>) => async (): Promise<CloudUnderTest> => {
  await inner.control.put('/knobs', knobs);
  return {
    plugin: occiCloud.create({ ...defaults, url: inner.url, image: 'fogbow-linux', callTimeout: 5000, settleTimeout: 5000 }, host),
    credentials: { token: 'alice-token' },
    full: withRoom({ maxInstances: 1, maxVolumes: 1 }),
    async dispose() {
      await inner.control.put('/knobs', ROOM);
      await inner.client().delete('/v1/orders');
      await eventually(async () => (await inner.client().get<{ orders: unknown[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
      // Every rule names its things alike, and each is to be the first.
      await database.query('delete from idempotency_keys');
    },
  };
};

const NAME = 'cloud-occi over a Manager';
computeCloudSuite(NAME, withRoom(ROOM), { wrongCredentials: { token: 'not-a-token' } });
volumeCloudSuite(NAME, withRoom(ROOM));
networkCloudSuite(NAME, withRoom(ROOM), { ranges: ['10.20.0.0/30', '10.20.0.4/30'] });
attachmentCloudSuite(NAME, withRoom(ROOM));
imageCatalogueSuite(NAME, withRoom(ROOM));
computePowerSuite(NAME, withRoom(ROOM));
