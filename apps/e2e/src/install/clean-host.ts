import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { startChildServer } from '@fogbow/embedded-servers';
import type { ChildServer } from '@fogbow/embedded-servers';
import { run } from '../two-hosts/images.js';
import { within } from '../within.js';

/** A host with nothing but a minimal Debian on its disk: root, network and name are its own, kernel and processes are shared. */
export interface CleanHost {
  /** Where a path of it is found from outside. */
  path(inside: string): string;
  /** Types the commands in its shell as root; folder, aliases and exported variables stay from one time to the next. Answers what they said. */
  type(commands: string, surroundings?: { readonly network?: 'own' | 'outer'; readonly timeoutMs?: number }): Promise<string>;
  /** Starts a server, as its init would. */
  serve(name: string, command: string, args: readonly string[], isReady: () => Promise<boolean>): Promise<ChildServer>;
  remove(): Promise<void>;
}

export interface CleanHostOptions {
  readonly name: string;
  /** Root of the Debian that it begins with; not changed. */
  readonly base: string;
  readonly folder: string;
  readonly namespace: string;
  /** Lines of /etc/resolv.conf. */
  readonly nameServer: string;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The first process of a host: makes its root of the base and a layer of its own, and then only keeps it. The engine's data lie beside, since layers do
 * not lie on layers. Packages start no servers: there is no init.
 */
const FIRST_PROCESS = `
set -eu
mount --make-rprivate /
mkdir -p upper work root engine
mount -t overlay overlay -o "lowerdir=$BASE,upperdir=upper,workdir=work" root
cd root
for one in proc sys dev; do mount --rbind "/$one" "$one"; done
mount -t tmpfs tmpfs run
mkdir -p run/lock var/lib/docker outer root/.ssh
mount --bind ../engine var/lib/docker
printf '#!/bin/sh\\nexit 101\\n' >usr/sbin/policy-rc.d
chmod 755 usr/sbin/policy-rc.d
echo "$NAME" >etc/hostname
hostname "$NAME"
pivot_root . outer
umount -l /outer
rmdir /outer
echo ready
exec sleep infinity
`;

export async function createCleanHost({ name, base, folder, namespace, nameServer }: CleanHostOptions): Promise<CleanHost> {
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, `${name}-`));
  const first = spawn('nsenter', [`--net=/run/netns/${namespace}`, 'unshare', '--mount', '--uts', 'sh', '-c', FIRST_PROCESS], { cwd: own, env: { PATH, BASE: base, NAME: name }, stdio: ['ignore', 'pipe', 'inherit'] });
  const remove = (): void => {
    first.kill('SIGKILL');
    rmSync(own, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  };
  const isReady = new Promise<void>((resolve, reject) => {
    createInterface({ input: first.stdout }).once('line', () => resolve());
    first.once('error', reject).once('exit', (code) => reject(new Error(`The host ${name} ended with ${code}.`)));
  });
  await within(60_000, `the first process of the host ${name}`, isReady).catch((error: unknown) => { remove(); throw error; });
  const enter = (network: 'own' | 'outer'): string[] => ['nsenter', '-t', String(first.pid), '--mount', '--uts', ...(network === 'own' ? ['--net'] : [])];
  const environment = ['env', '-i', `PATH=${PATH}`, 'HOME=/root', 'USER=root', 'LANG=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive'];
  const path = (inside: string): string => join(`/proc/${first.pid}/root`, inside);
  const servers: ChildServer[] = [];
  writeFileSync(path('/root/.session'), 'cd /root\n');
  return {
    path,
    async type(commands, { network = 'own', timeoutMs = 900_000 } = {}) {
      writeFileSync(path('/etc/resolv.conf'), network === 'own' ? `nameserver ${nameServer}\n` : await run('cat', ['/etc/resolv.conf']));
      writeFileSync(path('/root/.typed'), session(commands));
      const [program = '', ...args] = [...enter(network), ...environment, 'sh', '-e', '/root/.typed'];
      try {
        return await run(program, args, { timeoutMs });
      } finally {
        writeFileSync(path('/etc/resolv.conf'), `nameserver ${nameServer}\n`);
      }
    },
    async serve(server, command, args, ready) {
      const [by = '', ...words] = enter('own');
      const started = await startChildServer({ name: server, by: [by, ...words, ...environment], command, args, logFile: join(own, `${server}.log`), ready, readyTimeoutMs: 60_000, stopSignal: 'SIGTERM' });
      servers.push(started);
      return started;
    },
    async remove() {
      for (const server of servers.splice(0).reverse()) await server.stop();
      remove();
    },
  };
}

/** A shell that goes on where the last one ended. Lines of a script see the aliases of the lines before them, as in a shell at a terminal. */
const session = (commands: string): string => `. /root/.session\n${commands}\n{ printf 'cd %s\\n' "'$PWD'"; alias | sed 's/^/alias /'; export -p | grep -v -e ' PATH=' -e ' PWD=' -e ' OLDPWD='; } >/root/.session\n`;
