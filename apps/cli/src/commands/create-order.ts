import { Option } from 'commander';
import type { Command } from 'commander';
import type { DryRun, NewOrder } from '../api/views.js';
import { resolveOrderId } from '../api/resolve-order-id.js';
import { refused, usageError } from '../cli-error.js';
import { placesOf } from '../config/places.js';
import type { Host } from '../host.js';
import { renderLocations } from '../render/occi.js';
import { renderVerdicts } from '../render/order-table.js';
import { printable } from '../render/printable.js';
import { defaultPublicKey, rememberKey } from '../ssh/find-identity.js';
import { connected, openSession, seconds, show } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';
import { collect } from './collect.js';
import { orderBody } from './order-body.js';
import type { OrderOptions } from './order-body.js';
import { readPublicKey } from './read-public-key.js';
import { follow } from './watch-order.js';

export interface CreateOptions extends OrderOptions {
  /** A file, a line, or false for none at all. */
  readonly publicKey?: string | boolean;
  readonly network?: readonly string[];
  readonly idempotencyKey?: string;
  readonly wait?: string;
}

interface Flags extends CreateOptions {
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly watchTimeout?: string;
}

export function createOrder(parent: Command, host: Host): void {
  const command = connected(parent.command('create').description('Order machines, volumes or networks.'))
    .option('-n, --count <n>', 'how many; each becomes an order of its own')
    .addOption(new Option('--kind <kind>', 'what to order (compute)').choices(['compute', 'storage', 'network']))
    .addOption(new Option('--type <type>', 'persistent: another one comes when this one is lost (one-time)').choices(['one-time', 'persistent']));
  sharedOptions(command)
    .option('--size <gb>', 'size of a volume in GB')
    .option('--cidr <range>', 'addresses of a network, such as 10.0.0.0/24')
    .option('--gateway <address>', 'gateway of a network')
    .addOption(new Option('--allocation <how>', 'how machines get addresses in a network').choices(['dynamic', 'static']))
    .option('--watch', 'show the progress until the orders are settled')
    .option('--watch-timeout <seconds>', 'stop watching after that time')
    .option('--dry-run', 'show where they would go and why not elsewhere; order nothing')
    .action((flags: Flags) => run(host, command, flags));
  withExamples(command, [
    ['fogbow order create --watch', 'one small machine, wait until it can be logged in to'],
    ['fogbow order create -n 3 --flavor small --public-key ~/.ssh/id_ed25519.pub', 'three machines'],
    ['fogbow order create --requirements "Glue2vCPU>=2 && Glue2RAM>=2048"', 'the smallest flavor that satisfies'],
    ['fogbow order create --member cloud.example.org --dry-run', 'would that member take it?'],
    ['fogbow order create --kind storage --size 10', 'a volume of 10 GB'],
    ['fogbow order create --valid-until +8h --user-data setup.sh', 'a machine for today, set up by a script'],
  ]);
}

/** Options that every way of making a machine shares. */
export function sharedOptions(command: Command): Command {
  return command
    .option('--title <text>', 'a name for people')
    .option('--flavor <name>', 'size of the machine: fogbow flavors')
    .option('--image <name>', 'what it boots: fogbow images')
    .option('--requirements <expression>', 'over Glue2vCPU, Glue2RAM, Glue2Disk, Glue2CloudComputeManagerID')
    .option('--member <id>', 'only at this member: fogbow members')
    .option('--public-key <file>', 'who may log in (the profile\'s, else ~/.ssh/id_*.pub)')
    .option('--no-public-key', 'nobody may log in')
    .option('--user-data <file>', 'script or cloud-config to run at boot; may be repeated', collect)
    .option('--user-data-type <type>', 'its media type, when its beginning does not tell; may be repeated', collect)
    .option('--network <order>', 'network order to join; may be repeated', collect)
    .option('--valid-from <time>', 'not before: a date (UTC), an instant or +2h')
    .option('--valid-until <time>', 'not after: a date (UTC), an instant or +2h')
    .option('--wait <seconds>', 'let the server hold the answer until they are settled')
    .option('--idempotency-key <key>', 'repeat a create safely: the same key makes nothing new');
}

async function run(host: Host, command: Command, flags: Flags): Promise<void> {
  const session = openSession(host, command);
  const body = await newOrder(session, flags);
  if (flags.dryRun) return dryRun(session, body);
  const { ids } = await session.client.orders.create(body, createOptions(session, flags));
  if (flags.watch) return follow(session, ids, flags.watchTimeout);
  showCreated(session, ids);
}

/** The order with its key read and its networks looked up. */
export async function newOrder(session: Session, options: CreateOptions): Promise<NewOrder> {
  const body = orderBody(options, session.host.now());
  const publicKey = body.kind === 'compute' ? keyLine(session, options.publicKey) : undefined;
  const networkOrderIds: string[] = [];
  for (const network of options.network ?? []) networkOrderIds.push(await resolveOrderId(session.client, network, 'networks'));
  return { ...body, ...(publicKey ? { publicKey } : {}), ...(networkOrderIds.length > 0 ? { networkOrderIds } : {}) };
}

function keyLine({ host, connection }: Session, given: string | boolean | undefined): string | undefined {
  if (given === false) return undefined;
  const places = placesOf(host.surroundings);
  const chosen = typeof given === 'string' ? given : connection.profile?.publicKey ?? defaultPublicKey(places);
  if (chosen === undefined) {
    host.terminal.note('No public key was found, so nobody will be able to log in. Make one with: ssh-keygen -t ed25519\n');
    return undefined;
  }
  const key = readPublicKey(chosen, places);
  if (key.file) rememberKey(key.file, places);
  return key.line;
}

export function createOptions({ host }: Session, { idempotencyKey, wait }: CreateOptions): { idempotencyKey: string; waitSeconds?: number } {
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,200}$/.test(idempotencyKey)) throw usageError('An idempotency key is 1 to 200 printable characters without blanks.');
  return { idempotencyKey: idempotencyKey ?? host.newId(), ...(wait === undefined ? {} : { waitSeconds: seconds(wait, '--wait') }) };
}

function showCreated(session: Session, ids: readonly string[]): void {
  show(session, { json: { ids }, table: () => ids.join('\n'), occi: () => renderLocations(session.connection.url, 'order', ids) });
  if (session.output === 'table' && session.host.terminal.isInteractive) session.host.terminal.note(`Watch with: fogbow order watch ${ids.join(' ')}\n`);
}

/** An older Manager takes the question for an order: that is taken back. */
async function dryRun(session: Session, body: NewOrder): Promise<void> {
  const { orders } = session.client;
  const plan = await orders.dryRun(body);
  if (!plan.ids) return showDryRun(session, plan);
  for (const id of plan.ids) await orders.remove(id);
  throw refused('This Manager knows no dry runs: it ordered, and the orders were deleted again.');
}

function showDryRun(session: Session, plan: DryRun): void {
  const table = (): string => (plan.orders ?? []).map((one, index) => {
    const head = [`${index + 1}.`, one.decision, one.member && `at ${one.member}`, one.reason && `(${one.reason})`].filter(Boolean).join(' ');
    return `${printable(head)}\n${renderVerdicts(one.placement)}`;
  }).join('\n\n') || JSON.stringify(plan);
  show(session, { json: plan, table, occi: table });
}
