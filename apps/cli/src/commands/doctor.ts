import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EndWith, refused } from '../cli-error.js';
import type { Host } from '../host.js';
import { withExamples } from '../with-examples.js';

/** The operators' program, beside ours in the image and in a build. Who has the command line alone has no hosts to look after. */
const PROGRAM = join(__dirname, '..', 'setup', 'main.js');

export function doctor(parent: Command, host: Host): void {
  withExamples(parent.command('doctor'), [
    ['fogbow doctor --directory /etc/fogbow/internal', 'on the internal host, without containers'],
    ['fogbow doctor --directory . --host world --json', 'from anywhere, with a copy of external/site.yaml here'],
  ])
    .description('For operators: try every leg of a member\'s hosts, and say what to do about what fails.')
    .usage('[options]; fogbow doctor --help lists them')
    .argument('[words...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: readonly string[]) => {
      if (!existsSync(PROGRAM)) throw refused('The operators\' part is not installed here.', 'On a host of a member: docker compose run --rm doctor, in the folder of its compose file.');
      const status = await host.run(process.execPath, [PROGRAM, 'doctor', ...words]);
      if (status !== 0) throw new EndWith(status);
    });
}
