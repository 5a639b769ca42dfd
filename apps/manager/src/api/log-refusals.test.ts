import { createRefusalLog } from './log-refusals.js';

test('one line in a while, and how many were left out', () => {
  const lines: unknown[] = [];
  let now = 0;
  const refused = createRefusalLog({ log: { warn: (_message, fields) => void lines.push(fields) }, clock: { uptime: () => now }, quietMs: 100 });
  for (now = 0; now <= 100; now += 1) refused('10.0.0.1', `why ${now}`);
  refused('10.0.0.1', 'no more');
  expect(lines).toEqual([{ sender: '10.0.0.1', why: 'why 0' }, { sender: '10.0.0.1', why: 'why 100', leftOut: 99 }]);
});
