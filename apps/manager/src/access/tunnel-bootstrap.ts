import { quoteForShell } from './quote-for-shell.js';
import { NO_SERVICES_COMMAND, SERVICE_COMMAND } from './service-command.js';
import { LOOP_NAME, TUNNEL_LOOP } from './tunnel-loop.js';

/** Where a machine dials, and the key that it must find there. */
export interface DialPoint {
  readonly dialHost: string;
  readonly dialPort: number;
  /** OpenSSH public key line without comment, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** Its HTTP side, where it has one; `ca` is the PEM certificate to trust if no public authority vouches for it. */
  readonly web?: { readonly url: string; readonly ca?: string };
}

export interface TunnelBootstrapInput {
  /** Tried in turn; a machine stays where it got in and goes on to the next when it does not get in. At least one. */
  readonly endpoints: readonly DialPoint[];
  readonly grantId: string;
  readonly secret: string;
  /** `port` is the public one. For the service named `ssh`, FOGBOW_LOCAL_SSH_PORT of the machine beats `localPort`. */
  readonly services: readonly { readonly name: string; readonly port: number; readonly localPort: number }[];
}

/**
 * The POSIX shell script by which a machine opens its tunnel and keeps it open (part `text/x-shellscript` of the user
 * data; dash and busybox run it). It writes its files into FOGBOW_STATE_DIR, else /var/lib/fogbow, starts the loop
 * detached and returns at once. `tunnel.pid` there holds the loop's process, which is the leader of its own session;
 * TERM to it ends the loop and its ssh, and without its folder it ends at the next dial. Run again, it starts nothing
 * while the loop lives. The command `create-fogbow-tunnel` goes to FOGBOW_BIN_DIR, else /usr/local/bin; to the state
 * folder where that is private.
 */
export function tunnelBootstrap(input: TunnelBootstrapInput): string {
  const hasWeb = input.endpoints.some(({ web }) => web !== undefined);
  const authorities = [...new Set(input.endpoints.flatMap(({ web }) => web?.ca ?? []))];
  return `#!/bin/sh
umask 077
state="\${FOGBOW_STATE_DIR:-/var/lib/fogbow}"
mkdir -p -- "$state" && CDPATH= cd -- "$state" || exit 1
# A new file takes the place of the old one at once: a running shell reads its script piece by piece.
put() { printf '%s\\n' "$2" > "$1.new" && chmod "$3" "$1.new" && mv -f "$1.new" "$1"; }
put tunnel-settings ${quoteForShell(settings(input))} 600 || exit 1
put tunnel-secret ${quoteForShell(input.secret)} 600 || exit 1
${hasWeb ? `put tunnel-ca.pem ${quoteForShell(authorities.join('\n'))} 600 || exit 1\n` : ''}put tunnel-askpass ${quoteForShell('#!/bin/sh\nexec cat ./tunnel-secret')} 700 || exit 1
put ${LOOP_NAME} ${quoteForShell(TUNNEL_LOOP)} 700 || exit 1
${startAtBoot}
bin="\${FOGBOW_BIN_DIR:-/usr/local/bin}"
[ -n "\${FOGBOW_STATE_DIR:-}" ] && [ -z "\${FOGBOW_BIN_DIR:-}" ] && bin=.
# A machine whose system cannot be written to has its tunnel all the same.
{ mkdir -p -m 755 -- "$bin" && put "$bin/create-fogbow-tunnel" ${quoteForShell(hasWeb ? SERVICE_COMMAND : NO_SERVICES_COMMAND)} 755; } 2>/dev/null || echo 'create-fogbow-tunnel could not be installed' >>tunnel.log
detach=setsid
command -v setsid >/dev/null 2>&1 || detach=nohup
$detach sh ./${LOOP_NAME} "$PWD" </dev/null >>tunnel.log 2>&1 &
`;
}

/** User data runs at the first boot only; cloud-init runs what stands here at every one. Not where the state is private. */
const startAtBoot = `boot=/var/lib/cloud/scripts/per-boot
if [ -z "\${FOGBOW_STATE_DIR:-}" ] && [ -w "$boot" ]; then
  printf '%s\\n' '#!/bin/sh' 'cd /var/lib/fogbow && setsid sh ./${LOOP_NAME} "$PWD" </dev/null >>tunnel.log 2>&1 &' > "$boot/fogbow-tunnel" && chmod 700 "$boot/fogbow-tunnel"
fi`;

/** All values of this machine, as assignments; the loop and the command are the same everywhere and read them. */
function settings({ endpoints, grantId, services }: TunnelBootstrapInput): string {
  const endpoint = ({ dialHost, dialPort, hostKey, web }: DialPoint, index: number): string =>
    `  ${index}) host=${quoteForShell(dialHost)} port=${Number(dialPort)} host_key=${quoteForShell(hostKey)} api_url=${quoteForShell(web?.url ?? '')} api_ca=${web?.ca === undefined ? '' : 'tunnel-ca.pem'} ;;`;
  return [
    `grant_id=${quoteForShell(grantId)}`,
    `forwards="${services.map(forwardSpec).join(' ')}"`,
    `endpoint_count=${endpoints.length}`,
    'endpoint() {', '  case $1 in', ...endpoints.map(endpoint), '  esac', '}',
  ].join('\n');
}

function forwardSpec({ name, port, localPort }: TunnelBootstrapInput['services'][number]): string {
  const local = name === 'ssh' ? `\${FOGBOW_LOCAL_SSH_PORT:-${Number(localPort)}}` : String(Number(localPort));
  return `0.0.0.0:${Number(port)}:127.0.0.1:${local}`;
}
