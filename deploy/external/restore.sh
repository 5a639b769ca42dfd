#!/bin/sh
# Brings a backup back: restore.sh FILE.tar.gz
# Into a new folder of compose.yml and its scripts, or over what is there, which is kept beside as before-restore/. Then all is started; the tunnel
# gets its grants from the Manager.
set -eu
from=${1:?restore.sh FILE.tar.gz}
case $from in /*) ;; *) from=$(pwd)/$from ;; esac
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
umask 077
# Nothing is touched before the file has proved good.
tar -tzf "$from" data/tunnel/host-key secrets/tunnel-redis-url .env >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
tar --numeric-owner -xpzf "$from" -C "$work"
if [ -f .env ]; then compose stop; fi
rm -rf before-restore && mkdir -p before-restore/data
owner=$(stat -c %u:%g "$work/secrets/tunnel-redis-url")
for one in data data/prosody data/redis; do [ -d "$one" ] || { mkdir "$one"; chmod 700 "$one"; chown "$owner" "$one"; }; done
for one in secrets config certificates trust data/tunnel .env site.yaml; do
  [ ! -e "$one" ] || mv "$one" "before-restore/$one"
  mv "$work/$one" "$one"
done
compose up -d
echo "restored from $from"
