import { execFileSync, spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { bootScript, bootVariables, ENTRY_POINT } from './boot-script.js';

const config = (...lines: string[]) => ({ contentType: 'text/cloud-config', content: ['#cloud-config', ...lines].join('\n') });
const script = (content: string) => ({ contentType: 'text/x-shellscript', content });
const syntaxOf = (text: string): number | null => spawnSync('/bin/sh', ['-n'], { input: text }).status;

it('is a script that any shell can read, whatever the user data', () => {
  const part = fc.record({ contentType: fc.constantFrom('text/x-shellscript', 'text/cloud-config', 'text/cloud-boothook', 'text/upstart-job'), content: fc.string() });
  fc.assert(fc.property(fc.array(part, { maxLength: 4 }), fc.string(), (parts, line) => {
    expect(syntaxOf(bootScript([...parts, config(`runcmd: [${JSON.stringify(line)}]`)], 'fogbow'))).toBe(0);
  }), { numRuns: 25 });
});

it('makes accounts once, then each step once, then what is for every boot', () => {
  const text = bootScript([script('#!/bin/sh\necho hi'), script('echo plain'), config('users: [{ name: ann, ssh_authorized_keys: ["ssh-ed25519 AAAA it\'s"] }]', 'write_files: [{ path: /etc/x, content: hello, append: true }]', 'runcmd: [[echo, "a b"]]')], 'fogbow');
  const at = (part: string): number => { expect(text).toContain(part); return text.indexOf(part); };
  const order = [
    at("account 'ann' 'ssh-ed25519 AAAA it'\\''s'"), at(`once 1 && { put '/etc/x' 644 end '${Buffer.from('hello').toString('base64')}'`), at('once 2 && { put ./part-001 700 new'),
    at('run "$state/part-001"'), at('run /bin/sh "$state/part-002"'), at("once 4 && { run 'echo' 'a b'"), at('for file in "$perboot"'), at('exec "$(command -v sshd'),
  ];
  expect([...order].sort((left, right) => left - right)).toEqual(order);
});

it('passes over what is no name of an account', () => {
  const text = bootScript([config('users: [{ name: "x; rm -rf /", ssh_authorized_keys: [k] }]')], 'fogbow');
  expect(text).not.toContain('account \'x');
  expect(text).toContain('is no name of an account');
});

it('refuses a part without a content type, and more than variables hold', () => {
  expect(() => bootScript([{ contentType: 'nonsense', content: '' }], 'fogbow')).toThrow(expect.objectContaining({ code: 'cloud-rejected' }) as Error);
  expect(() => bootVariables(randomBytes(1_000_000).toString('base64'))).toThrow(expect.objectContaining({ code: 'cloud-rejected' }) as Error);
});

it('comes whole through the variables', () => {
  const text = bootScript([script(randomBytes(150_000).toString('hex'))], 'fogbow');
  const variables = bootVariables(text);
  expect(variables.length).toBeGreaterThan(1);
  for (const variable of variables) expect(variable.length).toBeLessThan(131_072);
  expect(gunzipSync(Buffer.from(variables.map((one) => one.slice(one.indexOf('=') + 1)).join(''), 'base64')).toString()).toBe(text);
  // The part of the entry point that puts them together, with another end.
  const unpack = String(ENTRY_POINT[2]).replace(/mkdir.*\n/, '').replace(/ >boot\.new[^]*/, '');
  expect(execFileSync('/bin/sh', ['-c', unpack], { env: { PATH: process.env['PATH'], ...Object.fromEntries(variables.map((one) => one.split(/=(.*)/s))) as Record<string, string> }, encoding: 'utf8', maxBuffer: 2e6 })).toBe(text);
});
