import { join } from 'node:path';
import { SetupError } from '@fogbow/embedded-servers';
import { wipeDataFolder } from './data-folder.js';
import { readOptions, USAGE } from './options.js';
import { startDetached } from './start-detached.js';
import { startFederation } from './start-federation.js';
import { stopFederation } from './stop-federation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** `npm start` and `npm stop` after setup and build. Sets the exit status; faults of the surroundings are one sentence. */
export async function launch(argv: readonly string[]): Promise<void> {
  // A terminal that went away must not take the launcher along before it has stopped what it started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const root = join(__dirname, '..', '..', '..');
  try {
    await run(argv, root);
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
  // Signal handlers and half-closed sockets must not keep the process.
  process.exit();
}

async function run(argv: readonly string[], root: string): Promise<void> {
  const options = readOptions(argv, root, process.env['INIT_CWD'] ?? process.cwd());
  if (options.command === 'help') return say(USAGE);
  if (options.command === 'stop') {
    const ran = await stopFederation(options.data, root, say);
    if (options.fresh) wipeDataFolder(options.data);
    return say(ran ? 'Everything is stopped' : `Nothing runs from ${options.data}`);
  }
  await (options.detach ? startDetached(options, argv, __filename, root, say) : startFederation(options, root, say));
}

if (require.main === module) void launch(process.argv.slice(2));
