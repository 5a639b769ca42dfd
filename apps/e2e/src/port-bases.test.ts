import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A federation of two takes these; a story that takes others says `N ports are used` behind its default. */
const USUAL = 300;
/** From here on Linux deals out the ports of outgoing connections (net.ipv4.ip_local_port_range), and one of them may sit on ours for long. */
const FIRST_OUTGOING = 32_768;
/** Those of `npm start`, with two members. */
const PLAIN = { name: 'npm start', from: 28_000, to: 28_000 + USUAL };

test('stories may run side by side, and beside npm start: each has ports of its own', () => {
  const taken = [PLAIN, ...readdirSync(__dirname).filter((name) => name.endsWith('.e2e.ts')).flatMap((name) => {
    const text = readFileSync(join(__dirname, name), 'utf8');
    const base = /'port-base': \{ type: 'string', default: '(\d+)' \}/.exec(text)?.[1];
    if (base === undefined) return [];
    const used = Number(/\(default \d+; (\d+) ports are used\)/.exec(text)?.[1] ?? USUAL);
    return [{ name, from: Number(base), to: Number(base) + used }];
  })].sort((left, right) => left.from - right.from);
  expect(taken.length).toBeGreaterThan(10);
  const clashes = taken.flatMap((one, index) => taken.slice(index + 1).filter((other) => other.from < one.to).map((other) => `${one.name} and ${other.name}`));
  expect(clashes).toEqual([]);
  expect(taken.filter(({ to }) => to > FIRST_OUTGOING).map(({ name, to }) => `${name} ends at ${to}`)).toEqual([]);
});

test('each tells its default in its first words', () => {
  for (const name of readdirSync(__dirname).filter((one) => one.endsWith('.e2e.ts'))) {
    const text = readFileSync(join(__dirname, name), 'utf8');
    const base = /'port-base': \{ type: 'string', default: '(\d+)' \}/.exec(text)?.[1];
    if (base !== undefined) expect([name, text.slice(0, text.indexOf('*/'))]).toEqual([name, expect.stringMatching(new RegExp(`\\(default\\s+(?:\\*\\s+)?${base}\\b`)) as string]);
  }
});
