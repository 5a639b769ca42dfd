import type { Command } from 'commander';
import { createOptions, newOrder } from '../commands/create-order.js';
import type { CreateOptions } from '../commands/create-order.js';
import { deleteAll, deleteEach } from '../commands/delete-order.js';
import { resolveOrderId } from '../api/resolve-order-id.js';
import { usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { renderLocations, renderOcciOrder, renderOrderLocations } from '../render/occi.js';
import { renderOrderDetail, renderOrderTable } from '../render/order-table.js';
import { connected, openSession, show } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';
import { collect } from '../commands/collect.js';
import { DEFAULT_IMAGE } from './machine-options.js';
import { verbOf, verbOptions } from './verb.js';
import type { VerbFlags } from './verb.js';

export interface OldOrderFlags extends VerbFlags, CreateOptions {
  readonly n?: string;
  readonly resourceKind?: string;
  readonly userDataFile?: readonly string[];
  readonly userDataFileContentType?: readonly string[];
}

/** `fogbow order --get|--create|--delete …` as in the original; the new commands stand below it. */
export function oldOrder(command: Command, host: Host): void {
  connected(verbOptions(command))
    .option('--n <count>', 'how many').option('--image <name>', `what it boots (${DEFAULT_IMAGE})`).option('--flavor <name>', 'size of the machine')
    .option('--type <type>', 'one-time or persistent').option('--public-key <file>', 'who may log in').option('--requirements <expression>', 'what the machine must have')
    .option('--user-data-file <file>', 'to run at boot', collect).option('--user-data-file-content-type <type>', 'its media type', collect)
    .option('--resource-kind <kind>', 'compute, storage or network').option('--size <gb>', 'size of a volume').option('--network <id>', 'network to join', collect)
    .option('--cidr <range>', 'addresses of a network').option('--gateway <address>', 'its gateway').option('--allocation <how>', 'dynamic or static')
    .argument('[words...]')
    .action(async (words: string[], flags: OldOrderFlags) => {
      if (words.length > 0) throw usageError(`"${words[0]}" is not something that can be done with orders.`, `There are: ${command.commands.map((one) => one.name()).join(', ')}`);
      if (!flags.get && !flags.create && !flags.delete) command.help({ error: true });
      const verb = verbOf(flags, command);
      const session = openSession(host, command, 'occi');
      if (verb === 'create') return create(session, flags);
      return verb === 'get' ? get(session, flags.id) : remove(session, flags.id);
    });
  withExamples(command, [
    ['fogbow order create --watch', 'one machine'],
    ['fogbow order list', 'your orders'],
    ['fogbow order --create --n 2 --flavor small --public-key key.pub', 'in the style of the original'],
    ['fogbow order --get --id 3f2a', 'in the style of the original'],
  ]);
}

async function get({ client, ...rest }: Session, id: string | undefined): Promise<void> {
  const session = { client, ...rest };
  const now = session.host.now();
  if (id === undefined) {
    const orders = await client.orders.list();
    return show(session, { json: orders, table: () => renderOrderTable(orders, now, Infinity), occi: () => renderOrderLocations(client.url, orders) });
  }
  const order = await client.orders.show(await resolveOrderId(client, id));
  show(session, { json: order, table: () => renderOrderDetail(order, now), occi: () => renderOcciOrder(order) });
}

async function create(session: Session, flags: OldOrderFlags): Promise<void> {
  const body = await newOrder(session, newStyle(flags));
  const { ids } = await session.client.orders.create(body, createOptions(session, {}));
  show(session, { json: { ids }, table: () => ids.join('\n'), occi: () => renderLocations(session.client.url, 'order', ids) });
}

async function remove(session: Session, id: string | undefined): Promise<void> {
  if (id === undefined) return deleteAll(session);
  await deleteEach(session, [id], async (given) => session.client.orders.remove(await resolveOrderId(session.client, given)));
}

/** The old names as the new ones. The original put a key into the order only when it was given one. */
export function newStyle(flags: OldOrderFlags): CreateOptions {
  const { n, resourceKind = 'compute', userDataFile, userDataFileContentType, publicKey, image, ...same } = flags;
  return {
    ...same, kind: resourceKind, publicKey: publicKey ?? false, ...(n === undefined ? {} : { count: n }),
    ...(resourceKind === 'compute' ? { image: image ?? DEFAULT_IMAGE } : {}),
    ...(userDataFile ? { userData: userDataFile } : {}), ...(userDataFileContentType ? { userDataType: userDataFileContentType } : {}),
  };
}
