import { setTimeout as pause } from 'node:timers/promises';
import type { Lab } from '../two-hosts/lab.js';
import { MEMBER_HOSTS, servicesOf } from '../two-hosts/lab.js';
import type { Host } from '../two-hosts/layout.js';
import type { HostKind, Member } from '../two-hosts/members.js';
import type { Fault } from './plan-faults.js';

/** Every container of both members, such as `a internal postgres`. */
export const servicesOfAll = ({ a, b }: Lab): string[] => [a, b].flatMap((member) => MEMBER_HOSTS.flatMap((host) => servicesOf(member, host).map((service) => `${member.letter} ${host} ${service}`)));

const LEGS: readonly (readonly [Host, Host])[] = [['int-a', 'ext-a'], ['int-b', 'ext-b'], ['ext-a', 'ext-b'], ['int-b', 'cloud-b'], ['cloud-b', 'ext-b']];
export const LEG_NAMES: readonly string[] = LEGS.map((leg) => leg.join(' ↔ '));

/** Resolves when it is over; what was hit may still be on its way back. Rejects when nothing was hit. */
export async function strike(lab: Lab, { kind, target, forMs }: Fault): Promise<void> {
  if (kind === 'cut') {
    const [from, to] = LEGS[LEG_NAMES.indexOf(target)] as (typeof LEGS)[number];
    await lab.network.cut(from, to);
    await pause(forMs).finally(() => lab.network.heal(from, to));
    return;
  }
  const [letter, host, service] = target.split(' ') as ['a' | 'b', HostKind, string];
  const ids = await containersOf(lab[letter], host, service);
  if (ids.length === 0) throw new Error('no container of it runs');
  if (kind === 'kill') return void await Promise.all(ids.map((id) => kill(lab[letter], host, id)));
  await lab[letter].docker(host, 'pause', ...ids);
  await pause(forMs).finally(() => lab[letter].docker(host, 'unpause', ...ids));
}

async function containersOf(member: Member, host: HostKind, service: string): Promise<string[]> {
  return (await member.docker(host, 'ps', '-q', '--filter', `label=com.docker.compose.service=${service}`)).split('\n').filter(Boolean);
}

/** Not by the engine, which takes what it was told to kill for stopped on purpose. */
async function kill(member: Member, host: HostKind, id: string): Promise<void> {
  const pid = Number(await member.docker(host, 'inspect', '--format', '{{.State.Pid}}', id));
  if (!(pid > 1)) throw new Error('its container has no process');
  // Throws where it has just ended by itself.
  process.kill(pid, 'SIGKILL');
}
