#!/bin/sh
# Tells the XMPP server and the Redis of this host that certificates/ has been renewed; nobody is cut off. For the deploy hook of an ACME client:
#   certbot certonly … --deploy-hook /etc/fogbow/external/reload-certificates.sh
# The hook copies fullchain.pem to certificates/tls.crt and privkey.pem to certificates/tls.key first, when certbot says which (RENEWED_LINEAGE).
set -eu
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
if [ -n "${RENEWED_LINEAGE:-}" ]; then
  # The owner and the rights stay those of the files that are there.
  cat "$RENEWED_LINEAGE/privkey.pem" >certificates/tls.key
  cat "$RENEWED_LINEAGE/fullchain.pem" >certificates/tls.crt
fi
compose kill -s HUP prosody
compose exec -T redis sh -c 'REDISCLI_AUTH=$(cat /run/secrets/redis-keeper) redis-cli -p 6378 --user keeper config set tls-cert-file /etc/fogbow/certificates/tls.crt tls-key-file /etc/fogbow/certificates/tls.key'
