import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Host } from '../host.js';
import { renderFlavors, renderImages, renderMembers, renderQuotas, renderUsage } from '../render/federation-table.js';
import type { MemberQuota } from '../render/federation-table.js';
import { renderOcciFlavors, renderOcciImages, renderOcciQuota, renderOcciUsage } from '../render/occi.js';
import { connected, openSession, show } from '../session.js';
import type { Answer, Session } from '../session.js';
import { withExamples } from '../with-examples.js';
import { widthOf } from './list-orders.js';

/** `fogbow members|quota|usage|flavors|images`. */
export function federationCommands(program: Command, host: Host): void {
  addQuery(program, host, { name: 'members', about: 'List the members that the federation has seen.', answer: memberAnswer, example: 'who may serve your orders' });
  addQuery(program, host, { name: 'flavors', about: 'List the sizes of machines.', answer: flavorAnswer, example: 'names for order create --flavor' });
  addQuery(program, host, { name: 'images', about: 'List what machines can boot.', answer: imageAnswer, example: 'names for order create --image' });
  addQuery(program, host, { name: 'quota', about: 'Show what there is, what is used and what of it is yours; at all members or at one.', argument: '[member]', answer: quotaAnswer, example: 'at all members' });
  addQuery(program, host, { name: 'usage', about: 'Show what local users had of a member.', argument: '<member>', answer: usageAnswer, example: 'of that member' });
}

interface Query {
  readonly name: string;
  readonly about: string;
  readonly argument?: string;
  readonly example: string;
  readonly answer: (session: Session, member: string | undefined) => Promise<Answer>;
}

function addQuery(program: Command, host: Host, { name, about, argument, answer, example }: Query): void {
  const command = connected(program.command(name).description(about));
  if (argument) command.argument(argument, 'its id: fogbow members');
  command.action(async (member: unknown) => {
    const session = openSession(host, command);
    show(session, await answer(session, typeof member === 'string' ? member : undefined));
  });
  withExamples(command, [[`fogbow ${name}${argument?.startsWith('<') ? ' cloud.example.org' : ''}`, example], ...(argument?.startsWith('[') ? [[`fogbow ${name} cloud.example.org`, 'at one'] as const] : [])]);
}

export async function memberAnswer({ client, host }: Session): Promise<Answer> {
  const members = await client.federation.members();
  return { json: members, table: () => renderMembers(members, host.now()), occi: () => members.filter(({ alive }) => alive !== false).map(({ id }) => id).join('\n') };
}

async function flavorAnswer({ client }: Session): Promise<Answer> {
  const flavors = await client.federation.flavors();
  return { json: flavors, table: () => renderFlavors(flavors), occi: () => renderOcciFlavors(flavors) };
}

async function imageAnswer({ client }: Session): Promise<Answer> {
  const images = await client.federation.images();
  return { json: images, table: () => renderImages(images), occi: () => renderOcciImages(images) };
}

/** One member that does not answer must not hide the others, unless it is the one that was asked for. */
export async function quotaAnswer({ client, host }: Session, member: string | undefined): Promise<Answer> {
  const quotas: MemberQuota[] = member === undefined
    ? await Promise.all((await client.federation.members()).map(({ id }) => client.federation.quota(id).then((quota) => ({ member: id, quota }), (error: unknown) => ({ member: id, failure: reasonOf(error) }))))
    : [{ member, quota: await client.federation.quota(member) }];
  return {
    json: member === undefined ? quotas : quotas[0]?.quota,
    table: () => renderQuotas(quotas, widthOf(host)),
    occi: () => quotas.map(({ member: id, quota, failure }) => `${member === undefined ? `${id}\n` : ''}${quota ? renderOcciQuota(quota) : failure ?? ''}`).join('\n'),
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof CliError && error.status !== undefined && error.status !== 401) return error.message;
  throw error;
}

export async function usageAnswer({ client }: Session, member = ''): Promise<Answer> {
  const usage = await client.federation.usage(member);
  return { json: usage, table: () => renderUsage(member, usage), occi: () => renderOcciUsage(member, usage) };
}
