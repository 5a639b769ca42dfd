import { within } from './within.js';

const never = new Promise<never>(() => undefined);

test('what is over in time is handed on', async () => {
  expect(await within(10_000, 'it', Promise.resolve(7))).toBe(7);
  expect(await within(Infinity, 'it', Promise.resolve(7))).toBe(7);
  expect(await within(1e12, 'it', new Promise((resolve) => { setImmediate(() => resolve(7)); }))).toBe(7);
  await expect(within(10_000, 'it', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('what is not is told', async () => {
  await expect(within(20, 'the step', never)).rejects.toThrow('the step was not over after 0.02 s');
});
