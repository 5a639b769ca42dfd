#!/bin/sh
# Everything of this host that cannot be made again, in one file: backup.sh FILE.tar.gz
# The key of the tunnel, which machines have pinned; secrets, configuration, certificates. The file is 0600 and holds every secret of the host.
set -eu
to=${1:?backup.sh FILE.tar.gz}
case $to in /*) ;; *) to=$(pwd)/$to ;; esac
cd "$(dirname "$0")"
umask 077
trap 'rm -f "$to.part"' EXIT
trap 'exit 130' INT TERM
tar --numeric-owner -czf "$to.part" secrets config certificates trust data/tunnel .env site.yaml
sync "$to.part"
mv "$to.part" "$to"
echo "$to: $(wc -c <"$to") bytes"
