// Loaded into every process of the soak by NODE_OPTIONS: each of Fogbow's programs collects its garbage once a minute and tells what is left.
const { renameSync, writeFileSync } = require('node:fs');
const { join, sep } = require('node:path');
const v8 = require('node:v8');
const { runInNewContext } = require('node:vm');

const EVERY_MS = 60_000;
const folder = process.env.SOAK_PROBE_FOLDER;

if (folder && process.argv[1]?.includes(`${sep}dist${sep}`)) {
  v8.setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  setInterval(() => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    const file = join(folder, String(process.pid));
    try {
      writeFileSync(`${file}.new`, JSON.stringify({ heapKb: Math.round((heapUsed + external) / 1024) }));
      renameSync(`${file}.new`, file);
    } catch {
      // The soak is over and its folder gone.
    }
  }, EVERY_MS).unref();
}
