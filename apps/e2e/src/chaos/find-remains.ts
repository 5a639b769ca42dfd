import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MEMBER_HOSTS, servicesOf } from '../two-hosts/lab.js';
import type { Lab } from '../two-hosts/lab.js';
import type { Member } from '../two-hosts/members.js';
import { memoryOfServices } from './memory-of-services.js';

/** A machine as the engine of the cloud knows it, whatever any Manager thinks. */
export interface Machine {
  readonly orderId: string;
  readonly clientToken: string;
}

export async function machinesAtCloud({ cloud }: Lab): Promise<Machine[]> {
  const format = '{{.Label "org.fogbow.order"}} {{.Label "org.fogbow.client-token"}}';
  const { stdout } = await promisify(execFile)('docker', ['-H', `unix://${cloud.socket}`, 'ps', '-a', '--no-trunc', '--filter', 'label=org.fogbow.client-token', '--format', format], { timeout: 30_000 });
  return stdout.split('\n').filter(Boolean).map((line) => {
    const [orderId = '', clientToken = ''] = line.split(' ');
    return { orderId, clientToken };
  });
}

/** A number that a member's database tells. */
async function count(member: Member, what: string): Promise<number> {
  const words = `PGPASSWORD=$(cat /run/secrets/postgres-password) psql -h 127.0.0.1 -U fogbow -d fogbow -Atc "select count(*) from ${what}"`;
  return Number(await member.compose('internal', 'exec', '-T', 'postgres', 'sh', '-c', words));
}

/** Jobs that wait in the Redis of the Manager, but for those that a clock brings. */
async function waitingJobs(member: Member): Promise<number> {
  const script = "local sum = 0 for _, key in ipairs(redis.call('keys', 'manager:*:wait')) do sum = sum + redis.call('llen', key) end return sum";
  return Number(await member.compose('internal', 'exec', '-T', 'redis', 'sh', '-c', `REDISCLI_AUTH=$(cat /run/secrets/redis-password) redis-cli --raw eval "${script}" 0`));
}

/** What must not be there when every order is deleted; empty when nothing is left. */
export async function findRemains(lab: Lab): Promise<string[]> {
  const found: string[] = [];
  const note = (number: number, what: string): void => { if (number > 0) found.push(`${number} ${what}`); };
  note((await lab.home().list()).length, 'orders at A');
  note((await machinesAtCloud(lab)).length, 'machines at the cloud of B');
  for (const member of [lab.a, lab.b]) {
    const who = member.letter.toUpperCase();
    note(await count(member, 'orders'), `orders in the database of ${who}`);
    note(await count(member, 'releases'), `removals that ${who} still has to make`);
    note(await count(member, 'tunnel_grants'), `grants of ${who}`);
    note(await waitingJobs(member), `jobs that wait at ${who}`);
  }
  return found;
}

/** MiB of each service of both members, as `a internal postgres`, without what the kernel only keeps for later. */
export async function memoryOfAll({ a, b }: Lab): Promise<Map<string, number>> {
  const all = new Map<string, number>();
  for (const member of [a, b]) {
    for (const host of MEMBER_HOSTS) {
      const listed = await member.docker(host, 'ps', '--format', '{{.ID}} {{.Label "com.docker.compose.service"}}');
      const weighed = await member.docker(host, 'stats', '--no-stream', '--format', '{{.ID}} {{.MemUsage}}');
      for (const [service, mb] of memoryOfServices({ listed, weighed }, servicesOf(member, host))) all.set(`${member.letter} ${host} ${service}`, mb);
    }
  }
  return all;
}
