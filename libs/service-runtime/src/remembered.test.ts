import { remembered } from './remembered.js';

let now: number;
let asked: number;
beforeEach(() => { [now, asked] = [0, 0]; });
const clock = { uptime: () => now };

it('asks once for all who ask at the same time, and again when the answer is old', async () => {
  const read = remembered(() => Promise.resolve((asked += 1)), 1000, clock);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  now = 999;
  expect(await read()).toBe(1);
  now = 1000;
  expect(await read()).toBe(2);
});
it('remembers no failure', async () => {
  const read = remembered(() => ((asked += 1) === 1 ? Promise.reject(new Error('away')) : Promise.resolve(asked)), 1000, clock);
  await expect(Promise.all([read(), read()])).rejects.toThrow('away');
  expect(await read()).toBe(2);
});
it('asks again where an answer does not come', async () => {
  const read = remembered(() => ((asked += 1) === 1 ? new Promise<number>(() => undefined) : Promise.resolve(asked)), 1000, clock);
  void read();
  now = 1000;
  expect(await read()).toBe(2);
});
