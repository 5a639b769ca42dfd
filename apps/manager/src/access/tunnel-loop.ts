export const LOOP_NAME = 'fogbow-tunnel-loop';

const CIPHERS = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr';

/** The pinned key is the only one that counts, whatever the host is called, and no configuration of the machine interferes. */
const OPENSSH_OPTIONS = [
  'BatchMode=no', 'StrictHostKeyChecking=yes', 'UserKnownHostsFile=known_hosts', 'GlobalKnownHostsFile=/dev/null', 'HostKeyAlias=fogbow-tunnel', 'CheckHostIP=no',
  'UpdateHostKeys=no', 'ExitOnForwardFailure=yes', 'ServerAliveInterval=15', 'ServerAliveCountMax=3', 'PreferredAuthentications=password',
  'NumberOfPasswordPrompts=1', 'ConnectTimeout=10', 'ControlMaster=yes', 'ControlPath=control', 'ControlPersist=no',
].map((option) => `-o ${option}`).join(' ');

/**
 * The loop that keeps a tunnel open; it runs in the state folder, so that no path has to be quoted for ssh, and reads
 * `tunnel-settings` there. Argument 1 tells loops of several machines apart.
 * - It stays with an endpoint that let it in for 20 s, and else goes on to the next one. The pause between two dials
 *   doubles after a round of all, from 1 s to 30 s, and lasts between half of it and the whole: machines that lost
 *   their tunnel in one moment do not come back in one moment.
 * - The services of the grant are part of the dial, those that were added in the machine (`services.d/NAME`: its
 *   port and the local one) come after it with OpenSSH, which can add to an open connection. Dropbear takes them along
 *   and, when it was refused a forward, leaves them out the next time: a service that is refused must not cost the rest.
 * - dbclient reads its known hosts in $HOME and may ask there; it hears "no". Its connection attempts last as long as
 *   the system's, since it has no option for that.
 */
export const TUNNEL_LOOP = String.raw`#!/bin/sh
is_loop() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -d /proc/self ] || return 0
  case "$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)" in *"${LOOP_NAME} $PWD "*) return 0 ;; esac
  return 1
}
# Only one of several starters can make the file.
until (set -C; echo $$ >tunnel.pid) 2>/dev/null; do
  read -r other <tunnel.pid 2>/dev/null || { sleep 1; read -r other <tunnel.pid 2>/dev/null; }
  # After a restart of the machine the old number may be our own: containers count their processes from 1 at each boot.
  [ -n "$other" ] && [ "$other" != "$$" ] && is_loop "$other" && exit 0
  rm -f tunnel.pid
done
child= adder=
finish() {
  trap '' TERM INT
  for one in $child $adder; do kill "$one" 2>/dev/null; done
  rm -f tunnel.pid client.pid control
  exit 0
}
trap finish TERM INT

find_client() {
  client=none program=ssh
  case "$(ssh -V 2>&1)" in
    *OpenSSH*) client=openssh ;;
    *ropbear*) client=dropbear ;;
    *) command -v dbclient >/dev/null 2>&1 && client=dropbear program=dbclient ;;
  esac
}
with_openssh() {
  printf 'fogbow-tunnel %s\n' "$host_key" >known_hosts
  algorithms=$(echo "$host_key" | sed 's/ .*//; s/^ssh-rsa$/rsa-sha2-512,rsa-sha2-256/')
  set --
  for forward in $forwards; do set -- "$@" -R "$forward"; done
  rm -f control
  DISPLAY=none SSH_ASKPASS=./tunnel-askpass SSH_ASKPASS_REQUIRE=force SSH_AUTH_SOCK= \
    ssh -F /dev/null -N -T -p "$port" ${OPENSSH_OPTIONS} -o HostKeyAlgorithms="$algorithms" -c ${CIPHERS} "$@" -l "$grant_id" -- "$host" &
  child=$!
  has_services || return 0
  add_services &
  adder=$!
}
has_services() {
  for file in services.d/*; do [ -f "$file" ] && return; done
  return 1
}
# One more service of an open connection: a refusal is said and changes nothing for the others.
add_services() {
  tries=0
  until ssh -F /dev/null -S control -O check fogbow-tunnel 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -gt 30 ] && return
    sleep 1
  done
  for file in services.d/*; do
    read -r public inside <"$file" || continue
    ssh -F /dev/null -S control -O forward -R "0.0.0.0:$public:127.0.0.1:$inside" fogbow-tunnel </dev/null || echo "$file is refused"
  done
}
with_dropbear() {
  mkdir -p home/.ssh
  printf '%s %s\n' "$host" "$host_key" >home/.ssh/known_hosts
  set --
  for forward in $forwards; do set -- "$@" -R "$forward"; done
  if [ -z "$was_refused" ]; then
    for file in services.d/*; do [ -f "$file" ] && read -r public inside <"$file" && set -- "$@" -R "0.0.0.0:$public:127.0.0.1:$inside"; done
  fi
  HOME="$PWD/home" DROPBEAR_PASSWORD="$(cat tunnel-secret)" SSH_AUTH_SOCK= \
    $program -N -T -K 15 -o ExitOnForwardFailure=yes -p "$port" "$@" -l "$grant_id" "$host" <no 2>client.err &
  child=$!
}
# Some sleeps take whole seconds only.
sleep 0.01 2>/dev/null && has_fractions=yes || has_fractions=
pause_for() {
  random=$(od -An -N2 -tu2 /dev/urandom 2>/dev/null | tr -d ' ')
  millis=$(($1 * 500 + $1 * 500 * ${'${random:-$(($$ * 7919 % 65536))}'} / 65536))
  if [ -n "$has_fractions" ]; then sleep "$((millis / 1000)).$(printf '%03d' $((millis % 1000)))" & else sleep $(((millis + 999) / 1000)) & fi
  child=$!
  wait "$child"
}

printf 'n\nn\nn\n' >no
turn=0 was_refused= pause=1
while [ -f tunnel-settings ] && . ./tunnel-settings; do
  [ "$(wc -c <tunnel.log 2>/dev/null || echo 0)" -gt 1000000 ] && : >tunnel.log
  find_client
  began=$(date +%s)
  [ "$turn" -lt "$endpoint_count" ] || turn=0
  endpoint "$turn"
  echo "$turn" >turn
  adder=
  case $client in
    openssh) with_openssh ;;
    dropbear) with_dropbear ;;
    none) echo 'no SSH client: install OpenSSH or dropbear'; sleep 1 & child=$! ;;
  esac
  echo "$client $child" >client.pid
  wait "$child"
  [ -n "$adder" ] && kill "$adder" 2>/dev/null
  was_refused=
  [ -s client.err ] && { cat client.err; grep -qi 'forward request failed' client.err && was_refused=yes; : >client.err; }
  # Asked for by create-fogbow-tunnel: not the end of a bad connection.
  [ -f redial ] && { rm -f redial; pause=1; continue; }
  if [ $(($(date +%s) - began)) -ge 20 ]; then
    pause=1 was_refused=
    pause_for 1
    continue
  fi
  turn=$(((turn + 1) % endpoint_count))
  pause_for "$pause"
  [ "$turn" -eq 0 ] && pause=$((pause * 2))
  [ "$pause" -gt 30 ] && pause=30
done
finish`;
