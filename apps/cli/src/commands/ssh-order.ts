import { resolve } from 'node:path';
import type { Command } from 'commander';
import { resolveOrderId } from '../api/resolve-order-id.js';
import type { OrderView } from '../api/views.js';
import { EndWith, refused } from '../cli-error.js';
import { placesOf } from '../config/places.js';
import { readIfThere, writePrivately } from '../config/private-files.js';
import type { Host } from '../host.js';
import { connected, openSession } from '../session.js';
import type { Session } from '../session.js';
import { findIdentity } from '../ssh/find-identity.js';
import { planSsh } from '../ssh/plan-ssh.js';
import type { SshPlan } from '../ssh/plan-ssh.js';
import { withExamples } from '../with-examples.js';
import { collect } from './collect.js';
import { follow } from './watch-order.js';

interface Flags {
  readonly identity?: string;
  readonly login?: string;
  readonly sshOption?: readonly string[];
  readonly forward?: readonly string[];
  readonly wait?: boolean;
  readonly print?: boolean;
}

export function sshOrder(program: Command, host: Host): void {
  const command = connected(program.command('ssh').description('Log in to the machine of an order: the right host, port, user, key and host key. Ends with the status of ssh.'))
    .argument('<order>', 'its id, or the first characters of it')
    .argument('[command...]', 'what to run there, after --')
    .option('-i, --identity <file>', 'private key (the one whose public half is in the order)')
    .option('-l, --login <user>', 'user to log in as (the machine\'s own)')
    .option('-L, --forward <spec>', 'forward a local port, as ssh -L does; may be repeated', collect)
    .option('--ssh-option <name=value>', 'another option of ssh -o; may be repeated', collect)
    .option('--wait', 'wait until the machine is there')
    .option('--print', 'print the command line instead of running it')
    .action((given: string, words: string[], flags: Flags) => run(host, command, { given, words, flags }));
  withExamples(command, [
    ['fogbow ssh 3f2a', 'a shell on the machine of that order'],
    ['fogbow ssh 3f2a -- uname -a', 'one command'],
    ['fogbow ssh --wait -L 8080:localhost:80 3f2a', 'as soon as it is there, with its web server on our port 8080'],
  ]);
}

async function run(host: Host, command: Command, { given, words, flags }: { given: string; words: string[]; flags: Flags }): Promise<void> {
  const session = openSession(host, command);
  const id = await resolveOrderId(session.client, given);
  if (flags.wait) await follow({ ...session, output: 'occi' }, [id]);
  const order = await session.client.orders.show(id);
  const plan = planSsh(order, {
    identityFile: identityOf(session, order, flags), user: flags.login, knownHosts: placesOf(host.surroundings).knownHosts,
    options: flags.sshOption, forwards: flags.forward, command: words,
  });
  trust(plan);
  if (flags.print) return host.terminal.write(`ssh ${plan.args.map(shellWord).join(' ')}\n`);
  const status = await host.run('ssh', plan.args).catch((error: unknown) => {
    throw refused(`ssh cannot be run: ${(error as Error).message}`, 'Install the OpenSSH client.');
  });
  if (status !== 0) throw new EndWith(status);
}

function identityOf({ host, connection }: Session, order: OrderView, flags: Flags): string | undefined {
  if (flags.identity !== undefined) return resolve(flags.identity);
  return findIdentity(order.publicKey, placesOf(host.surroundings)) ?? connection.profile?.identityFile;
}

/** The folder must be there for ssh to note a host key in; a key that the Manager knows is written before ssh looks. */
function trust({ knownHostsFile, knownHostsLine }: SshPlan): void {
  writePrivately(knownHostsFile, knownHostsLine ? `${knownHostsLine}\n` : readIfThere(knownHostsFile) ?? '');
}

const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`);
