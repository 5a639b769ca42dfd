import { gzipSync } from 'node:zlib';
import { FogbowError } from '@fogbow/plugin-contracts';
import { planBoot } from '@fogbow/request-model';
import type { BootStep, UserDataPart } from '@fogbow/request-model';

const USERNAME = /^[a-z_][a-z0-9_-]{0,31}$/;
const CONTENT_TYPE = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/;

/** One word of a POSIX shell. */
const word = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/**
 * What a container runs in place of cloud-init: a POSIX shell script that follows from the user data alone. At the first boot it makes the
 * accounts and starts the steps, each at most once; at later boots it runs what they put into `scripts/per-boot`, as cloud-init does. In the
 * end it becomes the SSH server, which as process 1 takes signals and collects orphans. Throws cloud-rejected for what cannot be user data.
 */
export function bootScript(parts: readonly UserDataPart[], sshUsername: string): string {
  if (parts.some(({ contentType }) => !CONTENT_TYPE.test(contentType))) throw new FogbowError('cloud-rejected', 'A part of the user data has no proper content type.');
  const { keys, steps } = planBoot(parts, sshUsername);
  const users = [...keys].map(([name, lines]) => (USERNAME.test(name)
    ? `account ${word(name)} ${word(lines.map((line) => line.replaceAll(/[\r\n]+/g, ' ')).join('\n'))}`
    : `echo ${word(`[boot] "${name.slice(0, 40)}" is no name of an account and is passed over.`)}`));
  const numbered = steps.map((step, index) => `once ${index + 1} && { ${shellOf(step)}\n}`);
  return [PRELUDE, 'if once accounts; then', ...users, ':', 'fi', 'steps() {', ...numbered, PER_BOOT, '}', ENDING].join('\n');
}

function shellOf(step: BootStep): string {
  switch (step.kind) {
    case 'note': return `echo ${word(`[boot] ${step.text}`)}`;
    case 'command': return `run ${typeof step.command === 'string' ? `/bin/sh -c ${word(step.command)}` : step.command.map(word).join(' ')}`;
    case 'script': return `put ./${step.name} 700 new ${base64(step.content)}\nrun ${step.content.startsWith('#!') ? '' : '/bin/sh '}"$state/${step.name}"`;
    case 'file': return `put ${word(step.file.path)} ${step.file.mode.toString(8)} ${step.file.append ? 'end' : 'new'} ${base64(step.file.content)}`;
  }
}

const base64 = (content: string | Buffer): string => word(Buffer.from(content as string).toString('base64'));

const PRELUDE = `#!/bin/sh
trap 'exit 143' TERM INT
umask 022
state=/var/lib/cloud/instance perboot=/var/lib/cloud/scripts/per-boot
mkdir -p "$state/done" "$perboot" /run/sshd
chmod 700 "$state"
cd "$state" || exit 78
once() { [ ! -e "done/$1" ] && : >"done/$1"; }
run() { (cd / && exec "$@") </dev/null || echo "[boot] it ended with status $?: $1"; }
put() {
  mkdir -p "$(dirname "$1")" && { [ "$3" = end ] || rm -f "$1"; } && printf %s "$4" | base64 -d >>"$1" && chmod "$2" "$1" || echo "[boot] $1 could not be written"
}
account() {
  home=/home/$1 number=1000
  [ "$1" = root ] && home=/root
  if ! grep -q "^$1:" /etc/passwd; then
    while grep -q "^[^:]*:[^:]*:$number:" /etc/passwd /etc/group; do number=$((number + 1)); done
    shell=/bin/sh
    [ -x /bin/bash ] && shell=/bin/bash
    echo "$1:x:$number:" >>/etc/group
    echo "$1:*:19000:0:99999:7:::" >>/etc/shadow
    echo "$1:x:$number:$number::$home:$shell" >>/etc/passwd
    mkdir -p "$home"
    cp -R /etc/skel/. "$home/" 2>/dev/null
  fi
  mkdir -p "$home/.ssh"
  printf '%s\\n' "$2" >>"$home/.ssh/authorized_keys"
  chmod 700 "$home/.ssh"
  chmod 600 "$home/.ssh/authorized_keys"
  chown -R "$1:" "$home"
}`;

const PER_BOOT = `for file in "$perboot"/*; do [ -x "$file" ] && run "$file"; done
echo '[boot] finished'`;

/** Options on the command line beat those of an image's own sshd_config. */
const ENDING = `key=/etc/ssh/ssh_host_ed25519_key
[ -s "$key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
steps &
cd /
exec "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -h "$key" -o UsePAM=no -o PasswordAuthentication=no -o KbdInteractiveAuthentication=no -o PermitRootLogin=prohibit-password
`;

/** Characters of one variable: the kernel takes at most 131,072 bytes for each, with its name. */
const PIECE = 100_000;
/** Of all variables together the kernel takes a quarter of the stack's limit, which is 2 MB as a rule. */
const MOST = 1_200_000;

/** The script as variables of the container, which its {@link ENTRY_POINT} puts together again. Throws cloud-rejected for more than fits. */
export function bootVariables(script: string): string[] {
  const packed = gzipSync(script).toString('base64');
  if (packed.length > MOST) throw new FogbowError('cloud-rejected', 'The user data are too large for a container: packed they must stay below 900 KB.');
  return (packed.match(new RegExp(`.{1,${PIECE}}`, 'g')) ?? []).map((piece, index) => `FOGBOW_BOOT_${index}=${piece}`);
}

/**
 * The variables hold secrets, so no process but this one gets to see them. Process 1 does not end by a signal unless it asks for it: what is
 * stopped while it boots would be waited for.
 */
const UNPACK = `trap 'exit 143' TERM INT
umask 077
mkdir -p /var/lib/cloud/instance && cd /var/lib/cloud/instance || exit 78
i=0
while eval "piece=\\\${FOGBOW_BOOT_$i:-}" && [ -n "$piece" ]; do printf %s "$piece"; i=$((i + 1)); done | base64 -d | gzip -dc >boot.new && mv boot.new boot || exit 78
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root /bin/sh ./boot`;

/** Any image with a shell, coreutils, gzip, OpenSSH's server and its client can be a machine. */
export const ENTRY_POINT: readonly string[] = ['/bin/sh', '-c', UNPACK, 'fogbow-boot'];
