import { join } from 'node:path';
import type { OrderView } from '../api/views.js';
import { refused } from '../cli-error.js';

export interface SshWishes {
  /** Private key; absent: what ssh finds by itself. */
  readonly identityFile?: string | undefined;
  readonly user?: string | undefined;
  /** Folder of one known-hosts file an order. */
  readonly knownHosts: string;
  /** More `-o` options of ssh. */
  readonly options?: readonly string[] | undefined;
  /** More `-L` options of ssh. */
  readonly forwards?: readonly string[] | undefined;
  readonly command: readonly string[];
}

export interface SshPlan {
  readonly args: readonly string[];
  readonly knownHostsFile: string;
  /** Line to write into that file; absent where the host key is not known: then ssh notes the first one that it sees. */
  readonly knownHostsLine?: string;
}

const HOST = /^[A-Za-z0-9_:][A-Za-z0-9._:-]*$/;
const USER = /^[A-Za-z_][A-Za-z0-9._-]*$/;
const HOST_KEY = /^((?:ssh|ecdsa|sk)-[a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/;
const UNSAFE = /[^A-Za-z0-9.-]/g;
const LONGEST_NAME = 200;

/**
 * The command line of ssh for an order's machine. What the server says ends up in a command line and in a file that ssh trusts, so
 * nothing is taken that could be an option, a second line or a path. A tunnel's port serves other machines later: the host key is
 * therefore remembered for the machine, under an alias, and not for the address.
 */
export function planSsh(order: OrderView, wishes: SshWishes): SshPlan {
  const { host, port, username } = addressOf(order);
  const user = wishes.user ?? username;
  if (user !== undefined && !USER.test(user)) throw refused(`"${user}" cannot be the name of a user.`);
  const alias = `fogbow.${(order.instanceId ?? order.id).replace(UNSAFE, '-')}`.slice(0, LONGEST_NAME);
  const knownHostsFile = join(wishes.knownHosts, alias);
  const pinned = pinnedKey(order);
  const trust = [`HostKeyAlias=${alias}`, `UserKnownHostsFile=${quoted(knownHostsFile)}`, 'GlobalKnownHostsFile=/dev/null', 'HashKnownHosts=no', 'CheckHostIP=no', `StrictHostKeyChecking=${pinned ? 'yes' : 'accept-new'}`];
  const args = [
    '-p', String(port), ...(user ? ['-l', user] : []),
    ...(wishes.identityFile ? ['-i', wishes.identityFile, '-o', 'IdentitiesOnly=yes'] : []),
    ...[...trust, ...(wishes.options ?? [])].flatMap((option) => ['-o', option]),
    ...(wishes.forwards ?? []).flatMap((forward) => ['-L', forward]),
    '--', host, ...wishes.command,
  ];
  return { args, knownHostsFile, ...(pinned ? { knownHostsLine: `${alias} ${pinned}` } : {}) };
}

function addressOf({ id, kind, state, reason, ssh }: OrderView): NonNullable<OrderView['ssh']> {
  if (kind !== 'compute') throw refused(`${id} is a ${kind}: only machines can be logged in to.`);
  if (state !== 'fulfilled') throw refused(`${id} is ${state}${reason ? `: ${reason}` : ''}.`, state === 'closed' || state === 'failed' || state === 'deleted' ? 'Order another with: fogbow order create --watch' : `Wait for it with: fogbow ssh --wait ${id}`);
  if (!ssh) throw refused(`${id} runs, but nobody told how to get into it.`, 'Its member may have no Reverse Tunnel.');
  if (!HOST.test(ssh.host) || !Number.isInteger(ssh.port) || ssh.port < 1 || ssh.port > 65_535) throw refused(`The address of ${id} is not one: ${ssh.host}:${ssh.port}.`);
  return ssh;
}

/** Undefined where no host key is known; a host key that is none is refused, not passed over. */
function pinnedKey(order: OrderView): string | undefined {
  const text = order.sshHostKey ?? order.ssh?.hostKey;
  if (!text) return undefined;
  const match = HOST_KEY.exec(text.trim());
  if (!match) throw refused(`The host key of ${order.id} is not one, so its machine cannot be told from another.`);
  return `${match[1]} ${match[2]}`;
}

/** ssh cuts values at blanks and reads percent signs. */
const quoted = (path: string): string => `"${path.replaceAll('%', '%%')}"`;
