import { sightAll } from './machine-host.js';
import { stopHost } from './stop-host.js';

const USAGE = 'Usage: node main.js stop-host DIR | list DIR\n';

/** What an operator does to a cloud directory without a Manager. */
async function main([command, directory]: readonly string[]): Promise<void> {
  if (directory === undefined) throw new Error(USAGE);
  if (command === 'stop-host') {
    const stopped = await stopHost(directory);
    process.stdout.write(`${stopped.length} machine(s) stopped.\n`);
  } else if (command === 'list') {
    for (const { record, status, sshPort } of sightAll(directory)) process.stdout.write(`${record.id}\t${status}\t${sshPort ?? '-'}\n`);
  } else {
    throw new Error(USAGE);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
