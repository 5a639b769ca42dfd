import { quoteForShell } from '../access/quote-for-shell.js';

export interface ProbeBootstrapInput {
  /** The account of the machine that the Manager comes in by; it exists when this runs. */
  readonly username: string;
  /** `ssh-ed25519 AAAA…`, of this machine alone. */
  readonly publicKey: string;
  readonly script: string;
  readonly timeoutSeconds: number;
  /** The key is out of the machine after so long, whether the Manager came or not. */
  readonly forgetAfterSeconds: number;
}

/** What stands in the forced command's line of output before its status and the two readings of the machine's clock. */
export const PROBE_WORD = 'fogbow-probe';
/** The status of a probe that was ended because it took too long. */
export const TIMED_OUT = 'timed-out';
/** What the Manager says once it has written the result down; then the machine forgets the key. */
export const KEPT_WORD = 'kept';
/** What the machine says when it has. */
export const FORGOTTEN_WORD = 'fogbow-forgotten';

/** Below the account's home; nothing of it is left in the end. */
const FOLDER = '.fogbow-probe';

/**
 * The POSIX shell script that lets the Manager in for one measurement (part `text/x-shellscript` of the user data; dash and busybox run it). It returns at once.
 * The key's line in authorized_keys can run the measurement and nothing else. The line and the folder go when the Manager has the result, when nobody has come in
 * `forgetAfterSeconds`, and when the machine starts anew; a machine has one measurement in its life, also where its user data run at every boot.
 * Where FOGBOW_STATE_DIR says that the state is private, the account's home is $HOME.
 */
export function probeBootstrap({ username, publicKey, script, timeoutSeconds, forgetAfterSeconds }: ProbeBootstrapInput): string {
  return `#!/bin/sh
umask 077
account=${quoteForShell(username)}
state="\${FOGBOW_STATE_DIR:-/var/lib/fogbow}"
home=
while IFS=: read -r name _ _ _ _ place _; do [ "$name" = "$account" ] && home=$place; done </etc/passwd
[ -n "\${FOGBOW_STATE_DIR:-}" ] && home=$HOME
[ -n "$home" ] && mkdir -p -- "$state" && CDPATH= cd -- "$home" || exit 0
own() { [ "$(id -u)" != 0 ] || [ -n "\${FOGBOW_STATE_DIR:-}" ] || chown "$account" "$@"; }
if [ -e "$state/probe-begun" ]; then
  [ -d ${FOLDER} ] && sh ${FOLDER}/forget "$home"
  exit 0
fi
: >"$state/probe-begun" && mkdir -p .ssh ${FOLDER} || exit 1
printf '%s\\n' ${quoteForShell(forgetScript(publicKey))} >${FOLDER}/forget || exit 1
printf '%s\\n' ${quoteForShell(runScript(timeoutSeconds))} >${FOLDER}/run || exit 1
printf '%s\\n' ${quoteForShell(script)} >${FOLDER}/probe || exit 1
own .ssh ${FOLDER} ${FOLDER}/forget ${FOLDER}/run ${FOLDER}/probe
boot=/var/lib/cloud/scripts/per-boot
if [ -z "\${FOGBOW_STATE_DIR:-}" ] && [ -w "$boot" ]; then
  this_boot=${quoteForShell(THIS_BOOT)}
  printf '%s\\n' '#!/bin/sh' "[ \\"\\$($this_boot)\\" = '$(eval "$this_boot")' ] && exit 0" "sh '$home/${FOLDER}/forget' '$home' 2>/dev/null" 'rm -f -- "$0"' >"$boot/fogbow-probe-end" && chmod 700 "$boot/fogbow-probe-end"
fi
detach=setsid
command -v setsid >/dev/null 2>&1 || detach=nohup
$detach sh -c 'sleep "$1"; [ -d "$2/${FOLDER}" ] && sh "$2/${FOLDER}/forget" "$2"' fogbow-probe-deadline ${Number(forgetAfterSeconds)} "$home" </dev/null >/dev/null 2>&1 &
# Last, so that whoever gets in finds all of it. Whatever stood there may lack the end of its line.
touch .ssh/authorized_keys && { [ -z "$(tail -c 1 .ssh/authorized_keys)" ] || echo >>.ssh/authorized_keys; }
printf '%s\\n' ${quoteForShell(keyLine(publicKey))} >>.ssh/authorized_keys
chmod 600 .ssh/authorized_keys
own .ssh/authorized_keys
exit 0
`;
}

/** Tells boots apart: of a machine with a kernel of its own by that, of a container by its first process. Not all systems run what is to be run at each boot before the user data. */
const THIS_BOOT = `cat /proc/sys/kernel/random/boot_id; sed 's/.*) //' /proc/1/stat | cut -d' ' -f20`;

/** No forwarding, no terminal, no rc file of the account, and one command, whatever the client asks for. */
const keyLine = (publicKey: string): string => `restrict,command="cd && exec sh ${FOLDER}/run" ${publicKey} fogbow-probe`;

/**
 * Argument 1 is the home. The new file takes the place of the old one at once and has its owner and mode; two of these scripts at once do not get into each other's
 * way. On a full disk the folder makes room by going; where that is not enough the line stays, and leads to nothing.
 */
const forgetScript = (publicKey: string): string => `#!/bin/sh
CDPATH= cd -- "$1" || exit 1
keys=.ssh/authorized_keys new=.ssh/authorized_keys.fogbow.$$
drop() {
  [ -f "$keys" ] || return 0
  if cp -p "$keys" "$new"; then
    grep -vF ${quoteForShell(publicKey)} "$keys" >"$new"
    [ $? -le 1 ] && mv -f "$new" "$keys" && return 0
  fi
  rm -f "$new"
  return 1
}
drop || { rm -rf ${FOLDER}; drop; }
rm -rf ${FOLDER}
[ ! -e ${FOLDER} ] && ! grep -qF ${quoteForShell(publicKey)} "$keys" 2>/dev/null`;

/**
 * The forced command. It measures once: who comes again, since the connection broke or the Manager died, gets the result of the first, and waits for it where it is
 * under way. The time is that of the machine's own clock, which the way to it cannot lengthen. A probe is the leader of its own group, so that all of it can be ended.
 */
const runScript = (timeoutSeconds: number): string => `#!/bin/sh
umask 077
CDPATH= cd -- ${FOLDER} || exit 1
clock() { read -r now _ </proc/uptime && echo "$now"; }
lead=setsid minus=-
command -v setsid >/dev/null 2>&1 || lead= minus=
until ln -s "$$" running 2>/dev/null; do
  [ -s result ] && break
  [ -e run ] || exit 1
  kill -0 "$(readlink running)" 2>/dev/null || rm -f running
  sleep 1
done
if [ ! -s result ]; then
  began=$(clock)
  $lead sh ./probe </dev/null >/dev/null 2>&1 &
  probe=$!
  $lead sh -c 'sleep "$1"; : >late; kill -9 "$2"' fogbow-probe-watch ${Number(timeoutSeconds)} "$minus$probe" </dev/null >/dev/null 2>&1 &
  watch=$!
  wait "$probe" 2>/dev/null
  status=$?
  ended=$(clock)
  [ -e late ] && status=${TIMED_OUT}
  { kill -9 "$minus$watch"; wait "$watch"; } 2>/dev/null
  echo "${PROBE_WORD} $status $began $ended" >result.new && mv -f result.new result || exit 1
fi
cat result
read -r word
[ "$word" = ${KEPT_WORD} ] && sh ./forget "$(dirname "$PWD")" && echo ${FORGOTTEN_WORD}
exit 0`;
