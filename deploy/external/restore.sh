#!/bin/sh
# Brings a backup back: restore.sh FILE.tar.gz
# Into a new folder of compose.yml and its scripts, or over what is there, which is kept beside as before-restore-TIME/. Then all is started; the tunnel
# gets its grants from the Manager. What cannot be restored leaves all as it was, and running.
set -eu
from=${1:?restore.sh FILE.tar.gz}
case $from in /*) ;; *) from=$(pwd)/$from ;; esac
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
umask 077
# Nothing is touched before the file has proved good.
tar -tzf "$from" data/tunnel/host-key secrets/tunnel-redis-url .env >/dev/null
work=$(mktemp -d)
kept=before-restore-$(date +%Y%m%dT%H%M%S)
had='' placed=''
# Whatever stops us: what was there is there again, and runs. On a new host there was nothing, and what came stays for another try.
undo() {
  rm -rf "$work"
  [ -n "$had" ] || { rmdir "$kept/data" "$kept" 2>/dev/null || true; return 0; }
  echo 'restore.sh: not restored; what was there before is there again.' >&2
  # What may run already has the files that came, and would keep them.
  compose stop || true
  for one in $placed; do rm -rf "$one"; done
  for one in secrets config certificates trust data/tunnel .env site.yaml; do [ ! -e "$kept/$one" ] || mv "$kept/$one" "$one"; done
  rmdir "$kept/data" "$kept"
  compose up -d
}
trap undo EXIT
trap 'exit 130' INT TERM
tar --numeric-owner -xpzf "$from" -C "$work"
# Never into one that is there: it may be all that is left of the first secrets.
mkdir "$kept" "$kept/data"
if [ -f .env ]; then
  had=yes
  compose stop
fi
owner=$(stat -c %u:%g "$work/secrets/tunnel-redis-url")
for one in data data/prosody data/redis; do [ -d "$one" ] || { mkdir "$one"; chmod 700 "$one"; chown "$owner" "$one"; }; done
for one in secrets config certificates trust data/tunnel .env site.yaml; do
  [ ! -e "$one" ] || mv "$one" "$kept/$one"
  placed="$placed $one"
  mv "$work/$one" "$one"
done
compose up -d
had=''
rmdir "$kept/data" "$kept" 2>/dev/null || echo "what was there before is in $(pwd)/$kept: remove it when all is well"
echo "restored from $from"
