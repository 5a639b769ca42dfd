/** jest's globalSetup: a private PostgreSQL and Redis for this run, at TEST_POSTGRES_URL and TEST_REDIS_URL. */
const { spawn } = require('node:child_process');
const { join } = require('node:path');
const { build } = require('esbuild');

const root = join(__dirname, '..', '..');

/** Bundled under a name of this process, so that runs beside each other do not read half-written files. */
async function bundle() {
  const outfile = join(root, '.cache', 'testing', `serve-${process.pid}.cjs`);
  await build({
    absWorkingDir: root, entryPoints: [join(__dirname, 'serve.ts')], outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    external: ['js-redis-server'], tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'warning',
  });
  return outfile;
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += bytes;
      if (text.includes('\n')) resolve(text.split('\n')[0]);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The test servers ended with status ${code} before they were ready.`)));
  });
}

module.exports = async () => {
  if (process.env.TEST_POSTGRES_URL && process.env.TEST_REDIS_URL) return;
  const program = await bundle();
  // A group of its own: Ctrl-C ends jest, and the end of jest ends the servers.
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  child.stdin.on('error', () => undefined);
  const { postgres, redis, faults } = JSON.parse(await firstLine(child));
  if (faults.length > 0) throw new Error(faults.join(' '));
  process.env.TEST_POSTGRES_URL = postgres;
  process.env.TEST_REDIS_URL = redis;
  child.unref();
  child.stdin.unref();
  child.stdout.unref();
  globalThis.__fogbowTestServers = { child };
};
