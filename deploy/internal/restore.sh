#!/bin/sh
# Brings a backup back: restore.sh FILE.tar.gz
# Into a new folder of compose.yml and its scripts, or over what is there: the database is replaced whole or not at all, and what had been there of
# secrets and configuration is kept beside as before-restore-TIME/. Then all is started; the Manager compares with clouds and members by itself. What
# cannot be restored leaves all as it was, and running.
set -eu
from=${1:?restore.sh FILE.tar.gz}
case $from in /*) ;; *) from=$(pwd)/$from ;; esac
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
umask 077
# Nothing is touched before the file has proved good.
tar -tzf "$from" database.dump secrets/manager-key secrets/postgres-password .env >/dev/null
work=$(mktemp -d)
kept=before-restore-$(date +%Y%m%dT%H%M%S)
had='' placed=''
# Whatever stops us: what was there is there again, and runs. On a new host there was nothing, and what came stays for another try.
undo() {
  rm -rf "$work"
  [ -n "$had" ] || { rmdir "$kept" 2>/dev/null || true; return 0; }
  echo 'restore.sh: not restored; what was there before is there again.' >&2
  # What may run already has the files that came, and would keep them.
  compose stop || true
  for one in $placed; do rm -rf "$one"; done
  for one in secrets config certificates trust cloud .env site.yaml; do [ ! -e "$kept/$one" ] || mv "$kept/$one" "$one"; done
  rmdir "$kept"
  compose up -d
}
trap undo EXIT
trap 'exit 130' INT TERM
tar --numeric-owner -xpzf "$from" -C "$work"
# A database that is there already has the password of before.
if [ -d data/postgres/15 ] && [ -s secrets/postgres-password ] && ! cmp -s "$work/secrets/postgres-password" secrets/postgres-password; then
  echo 'restore.sh: there is a database of another installation in data/postgres: move it away first.' >&2
  exit 1
fi

# Never into one that is there: it may be all that is left of the first secrets.
mkdir "$kept"
if [ -f .env ]; then
  had=yes
  compose stop
fi
for one in secrets config certificates trust cloud .env site.yaml; do
  [ ! -e "$one" ] || mv "$one" "$kept/"
  placed="$placed $one"
  mv "$work/$one" "$one"
done
owner=$(stat -c %u:%g secrets/manager-key)
for one in data data/postgres data/redis; do [ -d "$one" ] || { mkdir "$one"; chmod 700 "$one"; chown "$owner" "$one"; }; done

compose up -d postgres
n=0
until compose exec -T postgres pg_isready -q -h 127.0.0.1 -U fogbow -d fogbow; do
  n=$((n + 1)); [ $n -lt 60 ] || { echo 'restore.sh: PostgreSQL does not start: docker compose logs postgres' >&2; exit 1; }
  sleep 1
done
compose exec -T postgres sh -c 'PGPASSWORD=$(cat /run/secrets/postgres-password) pg_restore -h 127.0.0.1 -U fogbow -d fogbow --clean --if-exists --single-transaction --exit-on-error' <"$work/database.dump"
# The database is the restored one now: what fails from here on is for `docker compose up -d`, and nothing is taken back.
had=''
compose up -d
rmdir "$kept" 2>/dev/null || echo "what was there before is in $(pwd)/$kept: remove it when all is well"
echo "restored from $from"
