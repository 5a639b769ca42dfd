import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientToken } from '@fogbow/request-model';
import { awaitEvent } from '../await-event.js';
import { watchMachines } from './machine-watch.js';

const MEMBERS = ['manager.a.test', 'manager.b.test'] as const;
const folder = mkdtempSync(join(tmpdir(), 'fogbow-watch-'));
const clouds = MEMBERS.map((member) => join(folder, member));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeMachine(index: 0 | 1, orderId: string, incarnation: number): void {
  const machine = join(clouds[index] as string, 'machines', randomUUID());
  mkdirSync(machine, { recursive: true });
  writeFileSync(join(machine, 'process.json'), '{"pid":1}');
  writeFileSync(join(machine, 'machine.json'), JSON.stringify({ clientToken: clientToken(MEMBERS[index], { id: orderId, incarnation }) }));
}

test('sees an order with machines at two members, and none where each has its own', async () => {
  const [single, double] = [randomUUID(), randomUUID()];
  const watch = watchMachines(clouds, MEMBERS);
  makeMachine(1, single, 1);
  await awaitEvent('one is seen', () => watch.seen().orders === 1);
  expect(watch.seen().doubles).toEqual([]);
  makeMachine(0, double, 1);
  makeMachine(1, double, 2);
  await awaitEvent('the double is seen', () => watch.seen().doubles.includes(double));
  expect(watch.seen()).toEqual({ orders: 2, doubles: [double] });
  watch.stop();
});
