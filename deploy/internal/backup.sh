#!/bin/sh
# Everything of this host that cannot be made again, in one file: backup.sh FILE.tar.gz
# The database as it is at one moment, while all runs; secrets, configuration, certificates. Redis is left out: its loss is none. The file holds every
# secret of the host: it is 0600, and belongs where you keep such things.
set -eu
to=${1:?backup.sh FILE.tar.gz}
case $to in /*) ;; *) to=$(pwd)/$to ;; esac
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work" "$to.part"' EXIT
trap 'exit 130' INT TERM

compose exec -T postgres sh -c 'PGPASSWORD=$(cat /run/secrets/postgres-password) pg_dump -h 127.0.0.1 -U fogbow --format=custom fogbow' >"$work/database.dump"
# A dump that was cut short has no list at its end.
compose exec -T postgres pg_restore --list <"$work/database.dump" >"$work/contents"
grep -q 'TABLE DATA public orders ' "$work/contents" || { echo 'backup.sh: the dump holds no orders: is this the Manager'"'"'s database?' >&2; exit 1; }
tar --numeric-owner -czf "$to.part" -C "$work" database.dump -C "$(pwd)" secrets config certificates trust cloud .env site.yaml
sync "$to.part"
mv "$to.part" "$to"
echo "$to: $(grep -c 'TABLE DATA' "$work/contents") tables, $(wc -c <"$to") bytes"
