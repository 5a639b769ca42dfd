import type { Command } from 'commander';
import type { Host } from '../host.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';
import { verbOf } from './verb.js';
import type { VerbFlags } from './verb.js';

/** `fogbow resource --get`: the query interface of OCCI. */
export function oldResource(program: Command, host: Host): void {
  const command = connected(program.command('resource').description('The OCCI categories that the Manager knows, in the style of the original.')).option('--get', 'list them')
    .action(async (flags: VerbFlags) => {
      verbOf(flags, command, ['get']);
      const session = openSession(host, command, 'occi');
      const text = (await session.client.queryInterface()).trimEnd();
      const categories = text.split('\n').filter((line) => line.startsWith('Category:')).map((line) => line.slice('Category:'.length).trim());
      show(session, { json: categories, table: () => text.trim(), occi: () => text });
    });
  withExamples(command, [['fogbow resource --get', 'kinds, mixins, flavors and images']]);
}
