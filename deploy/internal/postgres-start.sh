#!/bin/sh
# Makes the database at the first start, whole or not at all, and becomes the server. The same in the official image and in Debian's.
set -eu
password=/run/secrets/postgres-password
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=fogbow --pwfile=$password --auth-host=scram-sha-256 --auth-local=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums
  # Only containers of the same network can reach it.
  echo 'host all all all scram-sha-256' >>"$PGDATA.new/pg_hba.conf"
  echo 'create database fogbow' | postgres --single -D "$PGDATA.new" postgres >/dev/null
  mv "$PGDATA.new" "$PGDATA"
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=200 -c log_min_duration_statement=1000
