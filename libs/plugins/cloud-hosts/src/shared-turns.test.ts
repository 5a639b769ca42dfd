import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSharedTurns } from './shared-turns.js';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'turns-')); });
afterEach(() => rmSync(folder, { recursive: true }));

test('whose time is over hears it at once, not when those before have ended, and does nothing', async () => {
  const turns = createSharedTurns(join(folder, 'lock'));
  const { signal } = new AbortController();
  let [go, begin] = [(): void => undefined, (): void => undefined];
  const begun = new Promise<void>((resolve) => { begin = resolve; });
  const first = turns(signal, () => new Promise<string>((resolve) => {
    go = () => resolve('first');
    begin();
  }));
  const [late, work] = [new AbortController(), jest.fn()];
  const second = turns(late.signal, work);
  await begun;
  late.abort();
  await expect(second).rejects.toMatchObject({ code: 'cloud-unavailable' });
  await expect(turns(late.signal, work)).rejects.toMatchObject({ code: 'cloud-unavailable' });
  go();
  expect([await first, await turns(signal, () => Promise.resolve('third'))]).toEqual(['first', 'third']);
  expect(work).not.toHaveBeenCalled();
});
