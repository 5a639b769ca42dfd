import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memberAdmissionSuite } from '@fogbow/plugin-conformance';
import { whiteListAdmission } from './white-list-admission.js';

const warnings: string[] = [];
const host = { memberId: 'a.example', log: { info: () => undefined, warn: (message: string) => void warnings.push(message) }, now: () => new Date(0) };
const LISTS = { serve: ['b.example', 'c.example'], ask: ['c.example', 'd.example'] };
const SUBJECT = { served: LISTS.serve, asked: LISTS.ask, strangers: ['e.example', '', 'B.EXAMPLE', 'constructor', 'xb.example'] };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-admission-'));
  file = join(folder, 'members.yml');
  writeFileSync(file, JSON.stringify(LISTS));
  warnings.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

memberAdmissionSuite('admission-white-list of settings', () => ({ ...SUBJECT, admission: whiteListAdmission.create(LISTS, host) }));
memberAdmissionSuite('admission-white-list of a file', () => ({ ...SUBJECT, admission: whiteListAdmission.create({ file }, host) }));

describe('the file', () => {
  it('is read again when another is put in its place', async () => {
    const admission = whiteListAdmission.create({ file }, host);
    writeFileSync(`${file}.new`, 'serve: [e.example]\nask: []\n');
    renameSync(`${file}.new`, file);
    expect([await admission.mayBeServed('e.example'), await admission.mayBeServed('b.example')]).toMatchObject([{ allowed: true }, { allowed: false }]);
    expect(await admission.mayBeAsked('c.example')).toMatchObject({ allowed: false });
  });

  it('leaves the lists before it in force, and warns once, while it is faulty or away', async () => {
    const admission = whiteListAdmission.create({ file }, host);
    for (const spoil of [() => writeFileSync(file, 'serve: everybody'), () => rmSync(file)]) {
      spoil();
      warnings.length = 0;
      for (let round = 0; round < 3; round++) expect(await admission.mayBeServed('b.example')).toEqual({ allowed: true });
      expect(warnings).toHaveLength(1);
    }
  });

  it.each([
    ['no YAML', '{ serve: [', 'is not YAML'], ['nothing', '', 'needs two lists'], ['one list', 'serve: []', 'needs two lists'],
    ['a slip', 'serve: [B.example]\nask: [7]', 'serve: "B.example" is not the id of a member. ask: 7 is not'],
  ])('stops the start with %s', (_name, text, fault) => {
    writeFileSync(file, text);
    expect(() => whiteListAdmission.create({ file }, host)).toThrow(fault);
  });

  it('stops the start when it is away', () => expect(() => whiteListAdmission.create({ file: `${file}.no` }, host)).toThrow('ENOENT'));
});

describe('the settings', () => {
  it.each([
    [LISTS, []],
    [{ file: 'x' }, []],
    [{ serve: [], ask: [] }, []],
    [{}, ['Give both lists']],
    [{ serve: [] }, ['Give both lists']],
    [{ ...LISTS, file: 'x' }, ['not both']],
    [{ serve: ['B.example'], ask: [3] }, ['serve: "B.example"', 'ask: 3']],
  ])('%j have the faults %j', (settings, faults) => {
    expect(whiteListAdmission.check?.(settings)).toEqual(faults.map((fault) => expect.stringContaining(fault) as unknown));
  });
});
