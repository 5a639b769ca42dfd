// Makes a clone ready: checks Node, installs the dependencies when package-lock.json asks for others than are there.
// No dependencies, and an old syntax on purpose: this file must load on a Node that is too old, to say so.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A fault that one sentence explains; whoever runs a tool prints it without a stack. */
export class ToolError extends Error {}

/** Prints the sentence of a ToolError, or the whole of anything else, and sets the exit status. */
export function report(error) {
  process.stderr.write(`${error instanceof ToolError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new ToolError(`Fogbow needs Node ${OLDEST_NODE.join('.')} or newer, and this is ${process.versions.node}: install a newer one from your system or https://nodejs.org.`);
}

const lockFile = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.fogbow-setup');

function isInstalled(wanted) {
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === wanted;
  // Installed by a plain `npm ci`: npm's own record of the tree is written last.
  const record = join(modules, '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(lockFile).mtimeMs;
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 130 : code));
  });
}

async function install() {
  process.stderr.write('Setting up: installing dependencies (npm ci, about half a minute)\n');
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  const ticker = setInterval(() => process.stderr.write(`  still installing, ${seconds()} s\n`), 10_000);
  try {
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    const status = await run(npm[0], [...npm.slice(1), 'ci', '--no-fund', '--no-audit', '--loglevel=error']);
    if (status !== 0) throw new ToolError(`The dependencies could not be installed (npm ci ended with status ${status}; its reason is above): check the network and that ${root} is writable.`);
  } catch (error) {
    throw error.code === 'ENOENT' ? new ToolError('npm was not found: it comes with Node, so install Node again or put npm on the PATH.') : error;
  } finally {
    clearInterval(ticker);
  }
  process.stderr.write(`Dependencies installed in ${seconds()} s\n`);
}

/** npm cannot work twice in one tree: of two commands that were given at once the second waits, and finds all done. The kernel gives the lock of a process that died back. */
async function installInTurn() {
  const lock = join(root, '.cache', 'setup.lock');
  try {
    mkdirSync(dirname(lock), { recursive: true });
  } catch (error) {
    throw new ToolError(`${dirname(lock)} cannot be made (${error.code}): run this as the user who owns the clone.`);
  }
  const status = await run('flock', [lock, process.execPath, fileURLToPath(import.meta.url), IN_TURN]).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  // Debian has flock; without it there are no turns.
  if (status === undefined) await installOnce();
  // The reason was told by the one below.
  else if (status !== 0) process.exit(status);
}

const IN_TURN = '--in-turn';

async function installOnce() {
  const wanted = wish();
  if (!isInstalled(wanted)) await install();
  try {
    if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) writeFileSync(stamp, wanted);
  } catch (error) {
    throw new ToolError(`${modules} is not writable (${error.code}): run this as the user who owns the clone.`);
  }
}

const wish = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex');

/** Resolves when the tree can be built and run. Costs a few milliseconds when there is nothing to do. */
export async function setup() {
  checkNode();
  if (isInstalled(wish())) await installOnce();
  else await installInTurn();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) (process.argv[2] === IN_TURN ? installOnce() : setup()).catch(report);
