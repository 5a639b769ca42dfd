import type { TunnelEndpoint } from '@fogbow/queues';
import { quoteForShell } from './quote-for-shell.js';

export interface TunnelBootstrapInput {
  readonly endpoint: TunnelEndpoint;
  readonly grantId: string;
  readonly secret: string;
  /** `port` is the public one. For the service named `ssh`, FOGBOW_LOCAL_SSH_PORT of the machine beats `localPort`. */
  readonly services: readonly { readonly name: string; readonly port: number; readonly localPort: number }[];
}

const LOOP = 'fogbow-tunnel-loop';
const DEFAULT_SSH_PORT = 22;
const CIPHERS = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr';

/**
 * The POSIX shell script by which a machine opens its tunnel and keeps it open (part `text/x-shellscript` of the user
 * data; dash and busybox run it). It writes its files into FOGBOW_STATE_DIR, else /var/lib/fogbow, starts the loop
 * detached and returns at once. `tunnel.pid` there holds the loop's process, which is the leader of its own session;
 * TERM to it ends the loop and its ssh, and without its folder it ends at the next dial. Run again, it starts nothing
 * while the loop lives.
 */
export function tunnelBootstrap(input: TunnelBootstrapInput): string {
  return `#!/bin/sh
umask 077
state="\${FOGBOW_STATE_DIR:-/var/lib/fogbow}"
mkdir -p -- "$state" && CDPATH= cd -- "$state" || exit 1
# A new file takes the place of the old one at once: a running shell reads its script piece by piece.
put() { printf '%s\\n' "$2" > "$1.new" && chmod "$3" "$1.new" && mv -f "$1.new" "$1"; }
put known_hosts ${quoteForShell(knownHostsLine(input.endpoint))} 600 || exit 1
put tunnel-secret ${quoteForShell(input.secret)} 600 || exit 1
put tunnel-askpass ${quoteForShell('#!/bin/sh\nexec cat ./tunnel-secret')} 700 || exit 1
put ${LOOP} ${quoteForShell(loopScript(input))} 700 || exit 1
${startAtBoot}
detach=setsid
command -v setsid >/dev/null 2>&1 || detach=nohup
$detach sh ./${LOOP} "$PWD" </dev/null >>tunnel.log 2>&1 &
`;
}

/** User data runs at the first boot only; cloud-init runs what stands here at every one. Not where the state is private. */
const startAtBoot = `boot=/var/lib/cloud/scripts/per-boot
if [ -z "\${FOGBOW_STATE_DIR:-}" ] && [ -w "$boot" ]; then
  printf '%s\\n' '#!/bin/sh' 'cd /var/lib/fogbow && setsid sh ./${LOOP} "$PWD" </dev/null >>tunnel.log 2>&1 &' > "$boot/fogbow-tunnel" && chmod 700 "$boot/fogbow-tunnel"
fi`;

/** The form in which OpenSSH looks a host up: in lower case, with brackets unless the port is 22. */
function knownHostsLine({ dialHost, dialPort, hostKey }: TunnelEndpoint): string {
  const host = dialHost.toLowerCase();
  return `${dialPort === DEFAULT_SSH_PORT ? host : `[${host}]:${dialPort}`} ${hostKey}`;
}

/** Runs in the state folder, so that no path has to be quoted for ssh. Argument 1 tells loops of several machines apart. */
function loopScript(input: TunnelBootstrapInput): string {
  return `#!/bin/sh
is_loop() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -d /proc/self ] || return 0
  case "$(tr '\\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)" in *"${LOOP} $PWD "*) return 0 ;; esac
  return 1
}
# Only one of several starters can make the file.
until (set -C; echo $$ >tunnel.pid) 2>/dev/null; do
  read -r other <tunnel.pid 2>/dev/null || { sleep 1; read -r other <tunnel.pid 2>/dev/null; }
  # After a restart of the machine the old number may be our own: containers count their processes from 1 at each boot.
  [ -n "$other" ] && [ "$other" != "$$" ] && is_loop "$other" && exit 0
  rm -f tunnel.pid
done
finish() {
  trap '' TERM INT
  [ -n "$!" ] && kill "$!" 2>/dev/null
  rm -f tunnel.pid
  exit 0
}
trap finish TERM INT
DISPLAY=none SSH_ASKPASS=./tunnel-askpass SSH_ASKPASS_REQUIRE=force
export DISPLAY SSH_ASKPASS SSH_ASKPASS_REQUIRE
unset SSH_AUTH_SOCK
pause=1
while [ -f known_hosts ]; do
  [ "$(wc -c <tunnel.log 2>/dev/null || echo 0)" -gt 1000000 ] && : >tunnel.log
  began=$(date +%s)
  ${sshCommand(input)} &
  wait "$!"
  [ $(($(date +%s) - began)) -ge 20 ] && pause=1
  sleep "$pause" &
  wait "$!"
  pause=$((pause * 2))
  [ "$pause" -gt 30 ] && pause=30
done
finish`;
}

/** The pinned key is the only one that counts, and no configuration of the machine interferes. */
function sshCommand({ endpoint, grantId, services }: TunnelBootstrapInput): string {
  const options = [
    'BatchMode=no', 'StrictHostKeyChecking=yes', 'UserKnownHostsFile=known_hosts', 'GlobalKnownHostsFile=/dev/null', 'HostKeyAlgorithms=ssh-ed25519',
    'CheckHostIP=no', 'UpdateHostKeys=no', 'ExitOnForwardFailure=yes', 'ServerAliveInterval=15', 'ServerAliveCountMax=3',
    'PreferredAuthentications=password', 'NumberOfPasswordPrompts=1', 'ConnectTimeout=10',
  ];
  return [
    'ssh -F /dev/null -N -T', `-p ${quoteForShell(String(endpoint.dialPort))}`, ...options.map((option) => `-o ${option}`), `-c ${CIPHERS}`,
    ...services.map((service) => `-R ${forwardSpec(service)}`), `-l ${quoteForShell(grantId)}`, '--', quoteForShell(endpoint.dialHost),
  ].join(' \\\n    ');
}

function forwardSpec({ name, port, localPort }: TunnelBootstrapInput['services'][number]): string {
  const local = name === 'ssh' ? `"\${FOGBOW_LOCAL_SSH_PORT:-${Number(localPort)}}"` : String(Number(localPort));
  return `0.0.0.0:${Number(port)}:127.0.0.1:${local}`;
}
