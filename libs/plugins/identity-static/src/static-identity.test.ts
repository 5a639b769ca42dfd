import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityProviderSuite } from '@fogbow/plugin-conformance';
import { staticIdentity } from './static-identity.js';

const hash = (token: string): string => createHash('sha256').update(token).digest('hex');
const warnings: string[] = [];
const host = {
  memberId: 'site-a.example',
  log: { info: () => undefined, warn: (message: string) => void warnings.push(message) },
  now: () => new Date('2030-01-01T00:00:00Z'),
};
const ANN = `{ id: u1, name: Ann, tokenSha256: ${hash('ann-token')} }`;
const LATE = `{ id: u2, name: Late, tokenSha256: "${hash('late-token')}", expires: 2029-12-31 }`;
const SOON = `{ id: u3, name: Soon, tokenSha256: ${hash('soon-token')}, expires: "2030-01-01T00:00:01Z" }`;
const usersYaml = (...users: string[]): string => `users:\n${users.map((user) => `  - ${user}\n`).join('')}`;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-identity-'));
  file = join(folder, 'users.yml');
  writeFileSync(file, usersYaml(ANN, LATE, SOON));
  warnings.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const create = () => staticIdentity.create({ usersFile: file }, host);
const { signal } = new AbortController();

identityProviderSuite('identity-static', () => Promise.resolve({
  provider: create(),
  valid: { token: 'ann-token', user: { id: 'u1', name: 'Ann' } },
  expired: ['late-token'],
  dispose: () => Promise.resolve(),
}));

describe('identity-static', () => {
  it('accepts a token until its moment of expiry', async () => {
    expect(await create().authenticate('soon-token', signal)).toEqual({ id: 'u3', name: 'Soon' });
  });

  it('reads a changed file again, also one that was put in its place', async () => {
    const provider = create();
    writeFileSync(`${file}.new`, usersYaml(`{ id: u4, name: Bob, tokenSha256: ${hash('bob-token')} }`));
    renameSync(`${file}.new`, file);
    expect(await provider.authenticate('bob-token', signal)).toEqual({ id: 'u4', name: 'Bob' });
    expect(await provider.authenticate('ann-token', signal)).toBeUndefined();
  });

  it('keeps the users it has, and warns once, while the file is faulty or away', async () => {
    const provider = create();
    for (const spoil of [() => writeFileSync(file, 'users: nobody'), () => rmSync(file)]) {
      spoil();
      warnings.length = 0;
      for (let round = 0; round < 3; round++) expect(await provider.authenticate('ann-token', signal)).toBeDefined();
      expect(warnings).toHaveLength(1);
    }
    writeFileSync(file, usersYaml(SOON));
    expect(await provider.authenticate('ann-token', signal)).toBeUndefined();
  });

  it.each([
    ['no list', 'users: 3', 'a list named "users"'],
    ['a token in the place of its hash', 'users: [{ id: u1, name: A, tokenSha256: my-secret }]', 'users[0].tokenSha256 must be 64 hexadecimal digits.'],
    ['an empty name', `users: [{ id: u1, name: "", tokenSha256: ${hash('a')} }]`, 'users[0].name must be a text.'],
    ['no date', `users: [{ id: u1, name: A, tokenSha256: ${hash('a')}, expires: soon }]`, 'users[0].expires must be a date.'],
    ['an id twice', usersYaml(ANN, ANN), 'the id "u1" twice'],
  ])('does not start with %s', (_name, text, fault) => {
    writeFileSync(file, text);
    expect(create).toThrow(fault);
    expect(create).not.toThrow('my-secret');
  });
});
