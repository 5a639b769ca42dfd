import { Option } from 'commander';
import type { Command } from 'commander';
import type { Collection } from '../api/manager-client.js';
import { resolveOrderId } from '../api/resolve-order-id.js';
import type { NewOrder } from '../api/views.js';
import type { Host } from '../host.js';
import { renderLocations, renderOcciResource, renderResourceLocations } from '../render/occi.js';
import { renderOrderDetail, renderResourceTable } from '../render/order-table.js';
import { connected, openSession, show } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';
import { createOptions, newOrder, sharedOptions } from './create-order.js';
import type { CreateOptions } from './create-order.js';
import { deleteEach } from './delete-order.js';
import { widthOf } from './list-orders.js';

interface ResourceFlags extends CreateOptions { readonly compute?: string; readonly volume?: string; readonly device?: string }

/** What differs between the four. */
interface Kind {
  readonly collection: Collection;
  readonly one: string;
  readonly alias: string;
  readonly addOptions: (command: Command) => void;
  readonly body: (session: Session, flags: ResourceFlags) => Promise<NewOrder>;
  readonly example: string;
}

const KINDS: readonly Kind[] = [
  {
    collection: 'computes', one: 'machine', alias: 'compute', example: 'fogbow computes create --flavor small',
    addOptions: (command) => void sharedOptions(command), body: (session, flags) => newOrder(session, { ...flags, kind: 'compute' }),
  },
  {
    collection: 'volumes', one: 'volume', alias: 'volume', example: 'fogbow volumes create --size 10',
    addOptions: (command) => void command.requiredOption('--size <gb>', 'its size in GB').option('--title <text>', 'a name for people').option('--member <id>', 'only at this member'),
    body: (session, flags) => newOrder(session, { ...flags, kind: 'storage' }),
  },
  {
    collection: 'networks', one: 'network', alias: 'net', example: 'fogbow networks create --cidr 10.0.0.0/24 --gateway 10.0.0.1 --allocation dynamic',
    addOptions: (command) => void command.requiredOption('--cidr <range>', 'its addresses').option('--gateway <address>', 'its gateway')
      .addOption(new Option('--allocation <how>', 'how machines get addresses').choices(['dynamic', 'static'])).option('--title <text>', 'a name for people').option('--member <id>', 'only at this member'),
    body: (session, flags) => newOrder(session, { ...flags, kind: 'network' }),
  },
  {
    collection: 'attachments', one: 'attachment', alias: 'attach', example: 'fogbow attachments create --compute 3f2a --volume 77b0',
    addOptions: (command) => void command.requiredOption('--compute <order>', 'the machine').requiredOption('--volume <order>', 'the volume').option('--device <path>', 'where the machine sees it'),
    body: attachmentBody,
  },
];

/** `fogbow computes|volumes|networks|attachments`, each with list, show, create and delete. */
export function resourceCommands(program: Command, host: Host): void {
  for (const kind of KINDS) {
    const group = program.command(kind.collection).alias(kind.alias).description(`Your ${kind.collection}: list (the default), show, create, delete.`);
    withExamples(group, [[`fogbow ${kind.collection}`, 'list them'], [kind.example, `make a ${kind.one}`]]);
    addList(group, host, kind);
    addShow(group, host, kind);
    addCreate(group, host, kind);
    addDelete(group, host, kind);
    if (kind.collection === 'computes') addActions(group, host);
  }
}

export async function attachmentBody({ client }: Session, flags: ResourceFlags): Promise<NewOrder> {
  const computeOrderId = await resolveOrderId(client, flags.compute ?? '', 'computes');
  const volumeOrderId = await resolveOrderId(client, flags.volume ?? '', 'volumes');
  return { kind: 'attachment', attachment: { computeOrderId, volumeOrderId, ...(flags.device ? { device: flags.device } : {}) } };
}

function addList(group: Command, host: Host, { collection }: Kind): void {
  const command = connected(group.command('list', { isDefault: true }).description(`List your ${collection}.`)).action(() => listResources(openSession(host, command), collection));
  withExamples(command, [[`fogbow ${collection} --output json`, 'for scripts']]);
}

export async function listResources(session: Session, collection: Collection): Promise<void> {
  const found = await session.client.resources(collection).list();
  show(session, {
    json: found,
    table: () => renderResourceTable(found, { what: collection, now: session.host.now(), width: widthOf(session.host) }),
    occi: () => renderResourceLocations(session.connection.url, collection, found),
  });
}

function addShow(group: Command, host: Host, { collection, one }: Kind): void {
  const command = connected(group.command('show').description(`Show one ${one}.`)).argument('<order>', 'id of its order, its first characters, or ID@MEMBER')
    .action((given: string) => showResource(openSession(host, command), collection, given));
  withExamples(command, [[`fogbow ${collection} show 3f2a`, 'the one whose order begins so']]);
}

export async function showResource(session: Session, collection: Collection, given: string): Promise<void> {
  const one = await session.client.resources(collection).show(await resolveOrderId(session.client, given, collection));
  const whole = { ...one, id: one.orderId ?? one.id ?? '', kind: one.kind ?? '', state: one.instanceState ?? one.state ?? '' };
  show(session, { json: one, table: () => renderOrderDetail(whole, session.host.now()), occi: () => renderOcciResource(collection, one) });
}

function addCreate(group: Command, host: Host, kind: Kind): void {
  const command = connected(group.command('create').description(`Make a ${kind.one}: a one-time order.`));
  kind.addOptions(command);
  command.action(async (flags: ResourceFlags) => {
    const session = openSession(host, command);
    await createResource(session, kind.collection, await kind.body(session, flags), flags);
  });
  withExamples(command, [[kind.example, `make a ${kind.one}`]]);
}

export async function createResource(session: Session, collection: Collection, body: NewOrder, flags: CreateOptions): Promise<void> {
  const { ids } = await session.client.resources(collection).create(body, createOptions(session, flags));
  show(session, { json: { ids }, table: () => ids.join('\n'), occi: () => renderLocations(session.connection.url, collection, ids) });
}

function addDelete(group: Command, host: Host, { collection }: Kind): void {
  const command = connected(group.command('delete').alias('rm').description(`Delete ${collection}.`)).argument('<orders...>', 'ids of their orders, their first characters, or ID@MEMBER')
    .action((given: string[]) => deleteResources(openSession(host, command), collection, given));
  withExamples(command, [[`fogbow ${collection} delete 3f2a`, 'the one whose order begins so']]);
}

export async function deleteResources(session: Session, collection: Collection, given: readonly string[]): Promise<void> {
  const { client } = session;
  await deleteEach(session, given, async (id) => client.resources(collection).remove(await resolveOrderId(client, id, collection)));
}

const ACTIONS = { start: 'Started', stop: 'Stopped', restart: 'Restarted', suspend: 'Suspended' } as const;

function addActions(group: Command, host: Host): void {
  for (const [action, done] of Object.entries(ACTIONS)) {
    const command = connected(group.command(action).description(`${action[0]?.toUpperCase()}${action.slice(1)} a machine, where its cloud can.`)).argument('<order>', 'id of its order, its first characters, or ID@MEMBER')
      .action(async (given: string) => {
        const session = openSession(host, command);
        const id = await resolveOrderId(session.client, given, 'computes');
        await session.client.act(id, action);
        show(session, { json: { id, action }, table: () => `${done} ${id}`, occi: () => 'Ok' });
      });
    withExamples(command, [[`fogbow computes ${action} 3f2a`, `${action} the machine of that order`]]);
  }
}
