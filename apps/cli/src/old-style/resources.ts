import type { Command } from 'commander';
import type { Collection } from '../api/manager-client.js';
import { newOrder } from '../commands/create-order.js';
import { attachmentBody, createResource, deleteResources, listResources, showResource } from '../commands/resource-commands.js';
import type { NewOrder } from '../api/views.js';
import { usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { connected, openSession } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';
import { newStyle } from './order.js';
import type { OldOrderFlags } from './order.js';
import { collect } from '../commands/collect.js';
import { verbOf, verbOptions } from './verb.js';

interface Flags extends OldOrderFlags { readonly computeId?: string; readonly storageId?: string; readonly mountPoint?: string }

interface OldResource {
  readonly name: string;
  readonly collection: Collection;
  readonly about: string;
  readonly addOptions: (command: Command) => void;
  readonly body: (session: Session, flags: Flags) => Promise<NewOrder>;
  readonly example: string;
}

const RESOURCES: readonly OldResource[] = [
  {
    name: 'instance', collection: 'computes', about: 'Machines, in the style of the original; new: fogbow computes.', example: 'fogbow instance --create --flavor small --public-key key.pub',
    addOptions: (command) => void command.option('--flavor <name>', 'size of the machine').option('--image <name>', 'what it boots').option('--public-key <file>', 'who may log in').option('--user-data-file <file>', 'to run at boot', collect),
    body: (session, flags) => newOrder(session, newStyle({ ...flags, resourceKind: 'compute' })),
  },
  {
    name: 'storage', collection: 'volumes', about: 'Volumes, in the style of the original; new: fogbow volumes.', example: 'fogbow storage --create --size 10',
    addOptions: (command) => void command.option('--size <gb>', 'its size in GB'),
    body: (session, flags) => newOrder(session, newStyle({ ...flags, resourceKind: 'storage' })),
  },
  {
    name: 'network', collection: 'networks', about: 'Networks, in the style of the original; new: fogbow networks.', example: 'fogbow network --create --cidr 10.0.0.0/24 --gateway 10.0.0.1 --allocation dynamic',
    addOptions: (command) => void command.option('--cidr <range>', 'its addresses').option('--gateway <address>', 'its gateway').option('--allocation <how>', 'dynamic or static'),
    body: (session, flags) => newOrder(session, newStyle({ ...flags, resourceKind: 'network' })),
  },
  {
    name: 'attachment', collection: 'attachments', about: 'Volumes in machines, in the style of the original; new: fogbow attachments.', example: 'fogbow attachment --create --computeId 3f2a --storageId 77b0',
    addOptions: (command) => void command.option('--computeId <id>', 'the machine').option('--storageId <id>', 'the volume').option('--mountPoint <path>', 'where the machine sees it'),
    body: oldAttachment,
  },
];

/** `fogbow instance|storage|network|attachment --get|--create|--delete …`. */
export function oldResources(program: Command, host: Host): void {
  for (const resource of RESOURCES) {
    const command = connected(verbOptions(program.command(resource.name).description(resource.about)));
    resource.addOptions(command);
    command.action((flags: Flags) => run(openSession(host, command, 'occi'), resource, command, flags));
    withExamples(command, [[`fogbow ${resource.name} --get`, 'list them'], [resource.example, 'make one'], [`fogbow ${resource.name} --delete --id 3f2a`, 'delete one']]);
  }
}

async function run(session: Session, { collection, body }: OldResource, command: Command, flags: Flags): Promise<void> {
  const verb = verbOf(flags, command);
  if (verb === 'create') return createResource(session, collection, await body(session, flags), {});
  if (verb === 'get') return flags.id === undefined ? listResources(session, collection) : showResource(session, collection, flags.id);
  await deleteResources(session, collection, flags.id === undefined ? await everyId(session, collection) : [flags.id]);
}

async function everyId({ client }: Session, collection: Collection): Promise<string[]> {
  return (await client.resources(collection).list()).flatMap((one) => one.orderId ?? one.id ?? []);
}

function oldAttachment(session: Session, { computeId, storageId, mountPoint }: Flags): Promise<NewOrder> {
  if (!computeId || !storageId) throw usageError('An attachment needs --computeId and --storageId.');
  return attachmentBody(session, { compute: computeId, volume: storageId, ...(mountPoint ? { device: mountPoint } : {}) });
}
