import { join } from 'node:path';
import type { FederationFile } from './federation-file.js';

/** What a newcomer needs after the start: who is where, and commands that work as they stand. */
export function welcome(data: string, file: FederationFile): string {
  const rows = file.members.map((member) => [
    member.name, member.managerUrl, member.users[0]?.name ?? '', member.users[0]?.token ?? '', join(data, 'logs', `manager-${member.name}.log`),
  ]);
  return `\n${table([['member', 'manager', 'user', 'token', 'log'], ...rows])}\n\n${commands(data, file)}\n`;
}

/** Left-aligned columns, two blanks between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

function commands(data: string, { members }: FederationFile): string {
  const [first] = members;
  if (!first) return '';
  const key = quote(join(data, 'try-key'));
  const header = `-H 'X-Auth-Token: ${first.users[0]?.token ?? ''}'`;
  return `Try it: three machines from member ${first.name}, which has room for two.

  [ -f ${key} ] || ssh-keygen -q -t ed25519 -N '' -f ${key}
  curl -sS ${first.managerUrl}/v1/orders ${header} -H 'Content-Type: application/json' \\
    -d '{"count":3,"flavor":"fogbow_small","publicKey":"'"$(cat ${quote(`${join(data, 'try-key')}.pub`)})"'"}'
  curl -sS ${first.managerUrl}/v1/orders ${header}
  ssh -i ${key} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p PORT fogbow@127.0.0.1    # PORT: from the orders' SSH addresses

Everything that runs, with logs and process numbers: ${join(data, 'federation.json')}`;
}

/** For a shell, only where it is needed. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
