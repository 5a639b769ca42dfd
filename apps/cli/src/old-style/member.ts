import type { Command } from 'commander';
import { memberAnswer, quotaAnswer, usageAnswer } from '../commands/federation-commands.js';
import { usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

interface Flags { readonly id?: string; readonly quota?: boolean; readonly usage?: boolean }

/** `fogbow member`, alone or with `--id X --quota|--usage`. */
export function oldMember(program: Command, host: Host): void {
  const command = connected(program.command('member').description('Members, in the style of the original; new: fogbow members, quota, usage.'))
    .option('--id <id>', 'which member').option('--quota', 'its quota').option('--usage', 'what local users had of it')
    .action(async ({ id, quota, usage }: Flags) => {
      if ((quota || usage) && id === undefined) throw usageError('--quota and --usage need --id.');
      if (quota && usage) throw usageError('Only one of --quota and --usage at a time.');
      const session = openSession(host, command, 'occi');
      show(session, await (quota ? quotaAnswer(session, id) : usage ? usageAnswer(session, id) : memberAnswer(session)));
    });
  withExamples(command, [['fogbow member', 'list them'], ['fogbow member --id cloud.example.org --quota', 'the quota of one']]);
}
