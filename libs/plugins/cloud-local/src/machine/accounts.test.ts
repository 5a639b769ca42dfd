import fc from 'fast-check';
import { parseLine } from './accounts.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKV4e0Q2j0Q7Vn3n9cXk3Wm4q1V0q0mT7sYp6m4mJj0k';
const told = (line: string) => parseLine(line).map(({ command, mayHaveTerminal }) => ({ command, mayHaveTerminal }));

it.each([
  [KEY, undefined, true],
  [`  ${KEY} a comment, with="quotes"`, undefined, true],
  [`restrict ${KEY}`, undefined, false],
  [`RESTRICT,pty ${KEY}`, undefined, true],
  [`no-pty,no-port-forwarding,no-X11-forwarding ${KEY}`, undefined, false],
  [`restrict,command="cd && exec sh .x/run" ${KEY} c`, 'cd && exec sh .x/run', false],
  [`command="echo \\"a, b\\" ssh-ed25519 AAAA" ${KEY}`, 'echo "a, b" ssh-ed25519 AAAA', true],
])('%s lets in', (line, command, mayHaveTerminal) => expect(told(line)).toEqual([{ command, mayHaveTerminal }]));

it.each([
  [''], ['# a comment'], [`# ${KEY}`], ['ssh-ed25519'], ['ssh-ed25519 AAAA'], ['nonsense'], [`from="10.0.0.1" ${KEY}`], [`restrict,something-new ${KEY}`], [`command ${KEY}`], [`command="open ${KEY}`], [`,restrict ${KEY}`],
])('%s lets nobody in', (line) => expect(told(line)).toEqual([]));

it('whatever an option is, a key with one that is not understood lets nobody in', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z-]{1,20}$/), (option) => {
    fc.pre(!['restrict', 'pty', 'no-pty', 'no-port-forwarding', 'no-agent-forwarding', 'no-x-forwarding', 'no-user-rc'].includes(option));
    expect(told(`${option} ${KEY}`)).toEqual([]);
  }));
});

it('takes no longer for a line that is made to take long', () => {
  const begun = performance.now();
  for (const word of ['a'.repeat(50_000), 'a,'.repeat(25_000), `a="${'\\"'.repeat(25_000)}`, 'a="b",'.repeat(10_000)]) expect(told(`${word} x`)).toEqual([]);
  expect(performance.now() - begun).toBeLessThan(2000);
});
