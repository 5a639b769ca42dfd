import axios from 'axios';
import type { AxiosInstance } from 'axios';
import pg from 'pg';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import { occiCloud } from '@fogbow/cloud-occi';
import { eventually, freePort, startManager } from './testing/start-manager.js';
import type { TestManager } from './testing/start-manager.js';

/** Several clouds are one to whoever asks the member: the rules of a cloud hold for a Manager with two fakes behind it, as they do with one. */

jest.setTimeout(60_000);

const host = { memberId: 'manager.outer.test', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const defaults = Object.fromEntries(Object.entries(occiCloud.settings).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])));
const FAKE = { bootDelay: '30ms', kinds: ['instances', 'volumes', 'networks', 'attachments'], maxVolumes: 50, maxVolumeGb: 500 };
/** The first has no networks: they, and machines on them, are the other's. */
const FIRST = { ...FAKE, lacks: ['networks'] };

let inner: TestManager;
let lab: AxiosInstance;
let database: pg.Client;
beforeAll(async () => {
  const controlPort = await freePort();
  lab = axios.create({ baseURL: `http://127.0.0.1:${controlPort}/control` });
  inner = await startManager({ 'member.id': 'manager.inner.test', 'placement.retryAfter': '30s', 'cloud.more': { lab: { plugin: 'cloud-fake', settings: { ...FAKE, controlPort } } } }, FIRST);
  database = new pg.Client({ connectionString: inner.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await inner.stop();
});

/** Machines and volumes that there is room for in the first cloud and in the other. */
type Room = Readonly<Record<'main' | 'lab', { readonly maxInstances: number; readonly maxVolumes: number }>>;

const withRoom = (room: Room, full?: Room) => async (): Promise<CloudUnderTest> => {
  await inner.control.put('/knobs', room.main);
  await lab.put('/knobs', room.lab);
  return {
    plugin: occiCloud.create({ ...defaults, url: inner.url, image: 'fogbow-linux', callTimeout: 5000, settleTimeout: 5000 }, host),
    credentials: { token: 'alice-token' },
    ...(full ? { full: withRoom(full) } : {}),
    async dispose() {
      await inner.client().delete('/v1/orders');
      await eventually(async () => (await inner.client().get<{ orders: unknown[] }>('/v1/orders')).data.orders, (orders) => orders.length === 0);
      // Every rule names its things alike, and each is to be the first.
      await database.query('delete from idempotency_keys');
    },
  };
};

const of = (maxInstances: number, maxVolumes: number) => ({ maxInstances, maxVolumes });
const spread = withRoom({ main: of(1, 1), lab: of(1, 50) }, { main: of(0, 0), lab: of(1, 1) });
/** What is attached must be in one cloud. */
const together = withRoom({ main: of(2, 50), lab: of(0, 0) });

const NAME = 'a Manager over two fake clouds';
computeCloudSuite(NAME, spread, { wrongCredentials: { token: 'not-a-token' } });
volumeCloudSuite(NAME, spread);
networkCloudSuite(NAME, withRoom({ main: of(0, 0), lab: of(2, 0) }), { ranges: ['10.20.0.0/30', '10.20.0.4/30'] });
attachmentCloudSuite(NAME, together);
computePowerSuite(NAME, spread);
imageCatalogueSuite(NAME, spread);
