import { Command, Help } from 'commander';
import type { Option } from 'commander';
import { completion } from './commands/completion.js';
import { createOrder } from './commands/create-order.js';
import { deleteOrder } from './commands/delete-order.js';
import { doctor } from './commands/doctor.js';
import { explainOrder } from './commands/explain-order.js';
import { federationCommands } from './commands/federation-commands.js';
import { followEventsCommand } from './commands/follow-events.js';
import { listOrders } from './commands/list-orders.js';
import { login, logout } from './commands/login.js';
import { profiles } from './commands/profiles.js';
import { resourceCommands } from './commands/resource-commands.js';
import { showOrder } from './commands/show-order.js';
import { sshOrder } from './commands/ssh-order.js';
import { watchOrder } from './commands/watch-order.js';
import { whoami } from './commands/whoami.js';
import type { Host } from './host.js';
import { accounting } from './old-style/accounting.js';
import { oldMember } from './old-style/member.js';
import { oldOrder } from './old-style/order.js';
import { oldResource } from './old-style/resource.js';
import { oldResources } from './old-style/resources.js';
import { oldToken } from './old-style/token.js';
import { connected, CONNECTION_GROUP } from './session.js';
import { withExamples } from './with-examples.js';

type Register = (parent: Command, host: Host) => void;

const ORDER: readonly Register[] = [createOrder, listOrders, showOrder, watchOrder, explainOrder, deleteOrder, oldOrder];

const GROUPS: readonly (readonly [string, readonly Register[]])[] = [
  ['Begin:', [login, logout, whoami, profiles]],
  ['Orders and what they bring:', [orderGroup, explainOrder, sshOrder, followEventsCommand, resourceCommands]],
  ['The federation:', [federationCommands]],
  ['The original\'s commands:', [oldMember, oldResources, accounting, oldToken, oldResource]],
  ['Operators:', [doctor]],
  ['Shell:', [completion]],
];

const ENVIRONMENT = `
Environment:
  FOGBOW_URL, FOGBOW_TOKEN, FOGBOW_PROFILE  stand in for --url, --auth-token, --profile
Exit status:
  0 done, 1 refused or failed, 2 wrong usage, 3 no connection; fogbow ssh ends with the status of ssh`;

/** The whole command line. Nothing runs until it is given words to parse. */
export function createProgram(host: Host): Command {
  const program = connected(new Command('fogbow'))
    .description('Order machines, volumes and networks from a federation of clouds, and log in to them.')
    .version(host.surroundings.version, '-V, --version')
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: host.terminal.isInteractive ? host.terminal.columns : 100, groupItems: ownFirst })
    .configureOutput({ writeOut: (text) => host.terminal.write(text), writeErr: (text) => host.terminal.note(text) });
  for (const [heading, registers] of GROUPS) {
    program.commandsGroup(heading);
    for (const register of registers) register(program, host);
  }
  withExamples(program, [
    ['fogbow login --url https://manager.example.org', 'once'],
    ['fogbow order create --watch', 'order a machine and see it come'],
    ['fogbow ssh 3f2a', 'log in to it'],
  ]);
  return program.addHelpText('after', ENVIRONMENT);
}

/** What only this command takes comes before what all of them take. */
function ownFirst<Item extends Command | Option>(unsorted: Item[], visible: Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Help().groupItems(unsorted, visible, groupOf);
  const shared = groups.get(CONNECTION_GROUP);
  if (shared && groups.delete(CONNECTION_GROUP)) groups.set(CONNECTION_GROUP, shared);
  return groups;
}

function orderGroup(program: Command, host: Host): void {
  const command = program.command('order').alias('orders').alias('request').description('Your orders: create, list, show, watch, explain, delete.').usage('[options] | [command]');
  for (const register of ORDER) register(command, host);
}
