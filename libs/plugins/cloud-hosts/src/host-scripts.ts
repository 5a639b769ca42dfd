const SETTING = `umask 077
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
d=$1; shift
get() { value=; read -r value <"$1"; } 2>/dev/null`;

const LACK = `lack=
for program in qemu-system-x86_64 qemu-img flock base64; do command -v $program >/dev/null || lack="$lack $program"; done
command -v genisoimage >/dev/null || command -v xorrisofs >/dev/null || lack="$lack genisoimage"`;

/** What can be said of a host without a change of it: a line `owner TAB what is missing`. */
export const EXAMINE = `${SETTING}
${LACK}
get "$d/owner"
printf '%s\\t%s\\n' "$value" "$lack"
`;

/**
 * What runs on a host, in POSIX shell: everything that must happen at once there, under a lock of the host. First argument of each is the
 * folder of the host. A machine is `machines/TOKEN` in it: `machine.json`, `id`, `size` (vCPU, MB, GB), `disk.qcow2`, `base` (a link to an image that was
 * given to the host; one of the operator's has its own place), `seed.iso`, `serial.log`;
 * once started `boot` (the boot of the host in which it was) and `pid`, which QEMU removes when it ends in order; where they hold, `off`
 * (when its user stopped it) and `fault` (why it did not start).
 */
export const PRELUDE = `${SETTING}
mkdir -p "$d/machines" "$d/qmp" "$d/volumes" || exit 1
runs() { get "$1/pid" && [ -n "$value" ] && grep -qa "guest=$2," "/proc/$value/cmdline" 2>/dev/null; }
boot_id() { get /proc/sys/kernel/random/boot_id; boot=$value; }
lock() { exec 9>>"$1" && flock -w 20 9 || { echo "the lock $1 does not become free" >&2; exit 1; }; }
ended() { i=0; while runs "$1" "$2"; do [ $i -lt "$3" ] || return 1; i=$((i + 1)); sleep 0.1; done; }
finish() { runs "$1" "$2" || return 0; kill "$value" 2>/dev/null; ended "$1" "$2" 50 && return; runs "$1" "$2" && kill -9 "$value"; ended "$1" "$2" 50; }
bury() {
  for g in "$d"/machines/.gone-*; do
    [ -d "$g" ] || continue
    get "$g/id"; id=$value
    [ -z "$id" ] || { runs "$g" "$id" && kill -9 "$value"; ended "$g" "$id" 100; }
    rm -rf "$g" "$d/qmp/\${id##*-}"
  done
}
`;

/**
 * Says what the host is: a line `kvm|tcg TAB owner TAB what is missing`. The first cloud that comes owns the folder. KVM counts as usable where QEMU
 * makes a processor with it: /dev/kvm may be there and not work. Clears away what makers and removers that died have left.
 */
export const HELLO = `${PRELUDE}
accel=tcg
${LACK}
(set -C; echo "$1" >"$d/owner") 2>/dev/null
get "$d/owner"
bury
find "$d/machines" -maxdepth 1 -name '.new-*' -mmin +15 -exec rm -rf {} +
owner=$value
[ -w /dev/kvm ] && [ -z "$lack" ] && echo '{"execute":"qmp_capabilities"}{"execute":"quit"}' |
  timeout 10 qemu-system-x86_64 -machine q35 -accel kvm -cpu max -m 32 -nodefaults -no-user-config -display none -S -qmp stdio >/dev/null 2>&1 && accel=kvm
printf '%s\\t%s\\t%s\\n' $accel "$owner" "$lack"
`;

/** Arguments: a client token, or nothing for all. First line: the host's time in seconds and its boot; then a line for each machine. */
export const INVENTORY = `${PRELUDE}
boot_id
printf '%s\\t%s\\n' "$(date +%s)" "$boot"
find "$d/machines" -name serial.log -size +4096k -exec sh -c 'for log; do tail -c 65536 "$log" >"$log.old"; : >"$log"; done' sh {} + 2>/dev/null
look() {
  get "$1/id" || return 0
  id=$value alive=0 pid=0
  runs "$1" "$id" && alive=1
  [ -e "$1/pid" ] && pid=1
  get "$1/off"; off=$value
  get "$1/boot"; started=$value
  get "$1/fault"; fault=$value
  get "$1/machine.json" || return 0
  printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$id" "$alive" "$pid" "$off" "$started" "$fault" "$value"
}
if [ $# -gt 0 ]; then look "$d/machines/$1"; else for m in "$d"/machines/*; do look "$m"; done; fi
`;

/**
 * Makes a machine without starting it. Arguments: token, id, vCPU, MB, GB, then the most of machines, vCPU, MB and GB that the host gives, base image
 * and its format, machine.json, meta-data; the user data are the input. The last line says \`made\`, \`there\` (another was first) or \`full\`. A
 * machine gets its name by a rename when all is in it, under the lock under which the others are counted.
 */
export const PLACE = `${PRELUDE}
token=$1 id=$2 vcpu=$3 ram=$4 disk=$5 most=$6 mvcpu=$7 mram=$8 mdisk=$9; shift 9
m="$d/machines/$token" new="$d/machines/.new-$id"
[ -e "$m" ] && { echo there; exit; }
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/seed" && cat >"$new/seed/user-data" && printf '%s' "$4" >"$new/seed/meta-data" || exit 1
iso=genisoimage; command -v $iso >/dev/null || iso=xorrisofs
$iso -quiet -output "$new/seed.iso" -volid cidata -joliet -rock "$new/seed/user-data" "$new/seed/meta-data" >/dev/null || exit 1
rm -rf "$new/seed"
base=$1
case $base in "$d"/images/*) ln "$base" "$new/base" || exit 1; base=base ;; esac
qemu-img create -q -f qcow2 -F "$2" -b "$base" "$new/disk.qcow2" "\${disk}G" || exit 1
printf '%s\\n' "$3" >"$new/machine.json" && echo "$id" >"$new/id" && echo "$vcpu $ram $disk" >"$new/size" || exit 1
lock "$d/lock"
[ -e "$m" ] && { echo there; exit; }
count=1
for s in "$d"/machines/*/size; do
  { read -r a b c <"$s"; } 2>/dev/null || continue
  count=$((count + 1)) vcpu=$((vcpu + a)) ram=$((ram + b)) disk=$((disk + c))
done
[ $count -le "$most" ] && [ $vcpu -le "$mvcpu" ] && [ $ram -le "$mram" ] && [ $disk -le "$mdisk" ] || { echo full; exit; }
mv -T "$new" "$m" && echo made
`;

/**
 * Starts a machine. Arguments: token, id, \`auto\` or \`user\`, QMP socket, then the command. \`auto\` starts what never was and what a boot of the host has ended;
 * \`user\` starts also what was stopped or has ended. The last line says \`running\`, \`started\`, \`failed\`, \`off\`, \`ended\` or \`gone\`.
 */
export const LAUNCH = `${PRELUDE}
m="$d/machines/$1" id=$2 manner=$3 qmp=$4; shift 4
lock "$d/qmp/\${id##*-}.lock"
get "$m/id" && [ "$value" = "$id" ] || { rm -f "$d/qmp/\${id##*-}.lock"; echo gone; exit; }
if [ $manner = auto ]; then
  [ -e "$m/off" ] && { echo off; exit; }
else
  [ -e "$m/off" ] && { finish "$m" "$id" || exit 1; }
fi
runs "$m" "$id" && { rm -f "$m/off"; echo running; exit; }
boot_id; get "$m/boot"
[ $manner = auto ] && [ "$value" = "$boot" ] && { echo ended; exit; }
rm -f "$m/fault" "$m/pid" "$m/off" "$qmp"
outcome=started
(ulimit -c 0; exec 9>&-; exec "$@") </dev/null >"$m/qemu.log" 2>&1 || {
  outcome=failed
  grep -v 'warning:' "$m/qemu.log" | tail -n 1 | tr '\\t' ' ' | cut -c 1-300 >"$m/fault"
  [ -s "$m/fault" ] || echo 'QEMU gives no reason' >"$m/fault"
}
echo "$boot" >"$m/boot.new" && mv -f "$m/boot.new" "$m/boot" && echo $outcome
`;

/** Notes that its user stopped a machine. Arguments: token, id. Says \`off\` or \`gone\`. */
export const MARK_OFF = `${PRELUDE}
m="$d/machines/$1"
lock "$d/qmp/\${2##*-}.lock"
get "$m/id" && [ "$value" = "$2" ] || { rm -f "$d/qmp/\${2##*-}.lock"; echo gone; exit; }
date +%s >"$m/off.new" && mv -f "$m/off.new" "$m/off" && echo off
`;

/** Ends the process of a machine that was stopped and is not yet down. Arguments: token, id. */
export const END = `${PRELUDE}
m="$d/machines/$1"
lock "$d/qmp/\${2##*-}.lock"
get "$m/id" && [ "$value" = "$2" ] && [ -e "$m/off" ] && finish "$m" "$2"
echo done
`;

/** The machine is unknown from the rename on; then its process ends and its files go. Arguments: token, id. */
export const REMOVE = `${PRELUDE}
m="$d/machines/$1" id=$2
if [ -e "$m" ]; then
  lock "$d/qmp/\${id##*-}.lock"
  get "$m/id" && [ "$value" = "$id" ] && mv -T "$m" "$d/machines/.gone-$id"
  rm -f "$d/qmp/\${id##*-}.lock"
fi
bury
echo done
`;

/** The file of a volume, where there is none yet. Arguments: its path, its size in GB. */
export const MAKE_VOLUME = `${PRELUDE}
[ -e "$1" ] || { qemu-img create -q -f qcow2 "$1.new.$$" "\${2}G" && mv -n "$1.new.$$" "$1"; } || { rm -f "$1.new.$$"; exit 1; }
echo done
`;

export const DROP_VOLUME = `${PRELUDE}
rm -f "$1" && echo done
`;
