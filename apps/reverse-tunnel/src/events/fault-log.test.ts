import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { createFaultLog } from './fault-log.js';

test('the same fault is written once in thirty seconds, with the number it stands for', () => {
  let now = 0;
  const lines: unknown[] = [];
  const fault = createFaultLog({ ...silentLogger, warn: (_message, fields) => void lines.push([now, (fields?.['error'] as Error).message, fields?.['repeated']]) }, { ...systemClock, uptime: () => now });
  for (now = 0; now <= 60_000; now += 10_000) {
    fault(new Error('away'));
    if (now === 20_000) fault(new Error('other'));
  }
  expect(lines).toEqual([[0, 'away', undefined], [20_000, 'other', undefined], [30_000, 'away', 2], [60_000, 'away', 2]]);
});
