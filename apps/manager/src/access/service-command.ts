/**
 * The command `create-fogbow-tunnel` of a machine: asks the tunnel for one more service and opens it. It speaks to the
 * HTTP side of the tunnel with curl, else GNU wget, else `openssl s_client`, whichever is there: each of these checks the
 * certificate, which busybox's wget does not, and none shows the secret among its arguments. What is missing it says.
 */
export const SERVICE_COMMAND = String.raw`#!/bin/sh
usage() {
  echo 'Usage: create-fogbow-tunnel NAME LOCAL_PORT [tcp|http]   opens a service of this machine to the world
       create-fogbow-tunnel --remove NAME               closes it
       create-fogbow-tunnel --list                      shows all, as JSON
tcp (the default) gets a public port, http a name of its own on the port of the web.' >&2
  exit 2
}
fail() { echo "create-fogbow-tunnel: $1" >&2; exit 1; }
case "$1" in
  --list) [ $# -eq 1 ] || usage ;;
  --remove) [ $# -eq 2 ] || usage; name=$2 ;;
  -*|'') usage ;;
  *) { [ $# -eq 2 ] || [ $# -eq 3 ]; } || usage; name=$1 inside=$2 kind=${'${3:-tcp}'} ;;
esac
umask 077
CDPATH= cd -- "${'${FOGBOW_STATE_DIR:-/var/lib/fogbow}'}" 2>/dev/null && [ -r tunnel-secret ] || fail 'only the superuser may do this: try sudo create-fogbow-tunnel'
. ./tunnel-settings
case "$name" in *[!A-Za-z0-9._-]*|[!A-Za-z0-9]*) fail 'a name has letters, digits, dots, dashes and underscores' ;; esac
if [ -n "$inside" ]; then
  case "$inside" in *[!0-9]*|??????*) fail "$inside is no port" ;; esac
  { [ "$inside" -ge 1 ] && [ "$inside" -le 65535 ]; } || fail "$inside is no port"
  case "$kind" in tcp|http) ;; *) usage ;; esac
fi
token="$grant_id.$(cat tunnel-secret)"
# The host of the tunnel that is dialled now.
turn=0
read -r turn <turn 2>/dev/null
[ "$turn" -lt "$endpoint_count" ] 2>/dev/null || turn=0
endpoint "$turn"
ca=$api_ca
[ -n "$api_url" ] || fail 'the host of the tunnel to which this machine is connected takes no further services'

# METHOD PATH BODY: prints the answer's body; standard error says why there is none.
ask() {
  if command -v curl >/dev/null 2>&1; then
    set -- -sS --max-time 30 -X "$1" -d "$3" -H 'Content-Type: application/json' "$api_url$2"
    [ -n "$ca" ] && set -- --cacert "$ca" "$@"
    printf 'header = "Authorization: Bearer %s"\n' "$token" | curl -q -K - "$@"
  elif case "$(wget --version 2>/dev/null)" in *'GNU Wget'*) true ;; *) false ;; esac; then
    printf 'header = Authorization: Bearer %s\nheader = Content-Type: application/json\n' "$token" >wgetrc
    set -- --config=wgetrc -q -O - --timeout=30 --tries=1 --content-on-error --method="$1" --body-data="$3" "$api_url$2"
    [ -n "$ca" ] && set -- --ca-certificate="$ca" "$@"
    wget "$@"
    rm -f wgetrc
  elif command -v openssl >/dev/null 2>&1; then
    case "$api_url" in https://*) ;; *) fail "openssl cannot speak to $api_url: install curl" ;; esac
    at=${'${api_url#https://}'}
    at=${'${at%%/*}'}
    case "$at" in *:*) ;; *) at="$at:443" ;; esac
    in_host=${'${at%:*}'} method=$1 path=$2 body=$3
    case "$in_host" in
      *[!0-9.]*) set -- -servername "$in_host" -verify_hostname "$in_host" ;;
      *) set -- -verify_ip "$in_host" ;;
    esac
    [ -n "$ca" ] && set -- "$@" -CAfile "$ca"
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
      "$method" "$path" "$at" "$token" "${'${#body}'}" "$body" | openssl s_client -quiet -verify_return_error -connect "$at" "$@" 2>tls.log | sed '1,/^.\{0,1\}$/d'
    grep -i 'error' tls.log >&2
    rm -f tls.log
  else
    fail 'curl, GNU wget or openssl is needed to ask the tunnel, and none is here: install one of them'
  fi
}
# FIELD TEXT: the first value of a field of the answer, which is JSON in one line without blanks.
field() { printf '%s' "$2" | sed -n 's/^[^[]*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'; }
refused() {
  why=$(printf '%s' "$1" | sed -n 's/.*"detail":"\(\([^"\\]\|\\.\)*\)".*/\1/p')
  fail "${'${why:-no answer from $api_url}'}"
}
# One file for each service: two of these commands at once do not get into each other's way.
remember() {
  mkdir -p services.d
  printf '%s %s\n' "$port" "$inside" >"services.d/.$name.$$" && mv -f "services.d/.$name.$$" "services.d/$name"
}
known= known_inside=
[ -f "services.d/$name" ] && read -r known known_inside <"services.d/$name"
# With OpenSSH on the open connection; dropbear has to dial anew, in a moment, so that who came through the tunnel reads this.
at_once() {
  read -r client pid <client.pid 2>/dev/null || return 0
  case $client in
    openssh) ssh -F /dev/null -S control -O "$1" -R "$2" fogbow-tunnel </dev/null >/dev/null 2>&1 || echo 'The tunnel is not open now; it takes this along when it is.' ;;
    dropbear)
      echo 'The tunnel dials anew in a moment, and connections through it end.'
      (sleep 2; : >redial; kill "$pid") </dev/null >/dev/null 2>&1 & ;;
  esac
}

case "$1" in
  --list)
    answer=$(ask GET /v1/grants/self '') || exit 1
    case "$answer" in *'"services":'*) printf '%s\n' "$answer" ;; *) refused "$answer" ;; esac ;;
  --remove)
    answer=$(ask DELETE "/v1/grants/self/services/$name" '') || exit 1
    port=$(field port "$answer")
    [ -n "$port" ] || refused "$answer"
    rm -f "services.d/$name"
    [ -n "$known" ] && at_once cancel "0.0.0.0:$known:127.0.0.1:$known_inside"
    echo "$name is closed" ;;
  *)
    answer=$(ask POST /v1/grants/self/services "{\"name\":\"$name\",\"kind\":\"$kind\"}") || exit 1
    port=$(field port "$answer")
    case "$port" in ''|*[!0-9]*) refused "$answer" ;; esac
    # The same name for another port of this machine.
    [ -n "$known" ] && [ "$known $known_inside" != "$port $inside" ] && at_once cancel "0.0.0.0:$known:127.0.0.1:$known_inside" >/dev/null
    remember
    at_once forward "0.0.0.0:$port:127.0.0.1:$inside"
    echo "$name: $(field address "$answer")" ;;
esac`;

/** What stands in its place where the tunnel has no HTTP side: user data have little room. */
export const NO_SERVICES_COMMAND = `#!/bin/sh
echo 'create-fogbow-tunnel: the tunnel of this machine takes no further services, since its operator has not opened its web port' >&2
exit 1`;
