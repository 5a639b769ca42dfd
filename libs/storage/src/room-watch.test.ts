import { openDatabase } from './open-database.js';
import { createRoomWatch } from './room-watch.js';

const full = Object.assign(new Error('could not extend file "base/1/2": No space left on device'), { code: '53100' });

test('asks nothing before there was no room; then until there is', async () => {
  const room = createRoomWatch();
  const asked: unknown[] = [];
  const database = openDatabase<unknown>({ url: String(process.env['TEST_POSTGRES_URL']), onError: () => undefined, onFailure: (error) => asked.push(error) });
  const nowhere = openDatabase<unknown>({ url: 'postgres://nobody@127.0.0.1:1/nothing', onError: () => undefined });
  await room.check(nowhere);
  room.failed(new Error('something else'));
  await room.check(nowhere);
  room.failed(full);
  await expect(room.check(nowhere)).rejects.toThrow();
  await room.check(database);
  await room.check(nowhere);
  expect(asked).toEqual([]);
  await Promise.all([database, nowhere].map((one) => one.destroy()));
});
