import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logFile, prepareDataFolder, wipeDataFolder } from './data-folder.js';

let parent: string;
beforeEach(() => { parent = mkdtempSync(join(tmpdir(), 'fb-data-')); });
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made, kept and wiped', () => {
    const data = join(parent, 'new');
    prepareDataFolder(data);
    writeFileSync(join(data, 'federation.json'), '{}');
    prepareDataFolder(data);
    expect(existsSync(join(data, 'federation.json'))).toBe(true);
    wipeDataFolder(data);
    expect(existsSync(join(data, 'federation.json'))).toBe(false);
  });

  it('is never somebody else\'s', () => {
    mkdirSync(join(parent, 'photos'));
    expect(() => prepareDataFolder(parent)).toThrow(/holds other things/);
    expect(() => wipeDataFolder(parent)).toThrow(/holds other things/);
    expect(existsSync(join(parent, 'photos'))).toBe(true);
  });

  it('that is a file is refused in a sentence', () => {
    writeFileSync(join(parent, 'file'), '');
    expect(() => prepareDataFolder(join(parent, 'file'))).toThrow(/is not a folder/);
  });

  it('rotates a log that has grown large', () => {
    const data = join(parent, 'new');
    prepareDataFolder(data);
    writeFileSync(logFile(data, 'manager-a'), '');
    truncateSync(logFile(data, 'manager-a'), 11 * 1024 * 1024);
    prepareDataFolder(data);
    expect(existsSync(logFile(data, 'manager-a'))).toBe(false);
    expect(statSync(`${logFile(data, 'manager-a')}.1`).size).toBeGreaterThan(10 * 1024 * 1024);
  });
});
