#!/bin/sh
# Brings a backup back: restore.sh FILE.tar.gz
# Into a new folder of compose.yml and its scripts, or over what is there: the database is replaced whole or not at all, and what had been there of
# secrets and configuration is kept beside as before-restore/. Then all is started; the Manager compares with clouds and members by itself.
set -eu
from=${1:?restore.sh FILE.tar.gz}
case $from in /*) ;; *) from=$(pwd)/$from ;; esac
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
umask 077
# Nothing is touched before the file has proved good.
tar -tzf "$from" database.dump secrets/manager-key .env >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
tar --numeric-owner -xpzf "$from" -C "$work"

if [ -f .env ]; then compose stop; fi
rm -rf before-restore && mkdir before-restore
for one in secrets config certificates trust cloud .env site.yaml; do
  [ ! -e "$one" ] || mv "$one" before-restore/
  mv "$work/$one" "$one"
done
# A database that is there already has the password of before.
if [ -s before-restore/secrets/postgres-password ] && ! cmp -s before-restore/secrets/postgres-password secrets/postgres-password && [ -d data/postgres/15 ]; then
  echo 'restore.sh: there is a database of another installation in data/postgres: move it away first.' >&2
  for one in secrets config certificates trust cloud .env site.yaml; do rm -rf "$one"; [ ! -e "before-restore/$one" ] || mv "before-restore/$one" "$one"; done
  exit 1
fi
owner=$(stat -c %u:%g secrets/manager-key)
for one in data data/postgres data/redis; do [ -d "$one" ] || { mkdir "$one"; chmod 700 "$one"; chown "$owner" "$one"; }; done

compose up -d postgres
n=0
until compose exec -T postgres pg_isready -q -h 127.0.0.1 -U fogbow -d fogbow; do
  n=$((n + 1)); [ $n -lt 60 ] || { echo 'restore.sh: PostgreSQL does not start: docker compose logs postgres' >&2; exit 1; }
  sleep 1
done
compose exec -T postgres sh -c 'PGPASSWORD=$(cat /run/secrets/postgres-password) pg_restore -h 127.0.0.1 -U fogbow -d fogbow --clean --if-exists --single-transaction --exit-on-error' <"$work/database.dump"
compose up -d
echo "restored from $from"
