#!/bin/sh
# Another version of Fogbow in the place of the one that runs, without a failed request: upgrade.sh IMAGE
# Of each service a process of the new image is started beside each old one; when all of them are well, the old ones are told to go, finish what they
# do, and are removed. If the new ones do not become well, they are removed and nothing has changed. The schema moves forward with the first of them;
# the old version works on beside it. The same brings the version before back.
set -eu
image=${1:?upgrade.sh IMAGE}
patience=${PATIENCE:-180}
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
docker image inspect "$image" >/dev/null
cp -p .env .env.before
name() { sed '/^FOGBOW_IMAGE=/d' .env.before >.env; echo "FOGBOW_IMAGE=$image" >>.env; }

# Those of $1 that are not among $2.
newcomers() { for one in $(compose ps -q "$1"); do case " $2 " in *" $one "*) ;; *) echo "$one" ;; esac; done; }
all_well() { for one in $1; do [ "$(docker inspect -f '{{.State.Health.Status}}' "$one")" = healthy ] || return 1; done; }

service='' old=''
# Whatever stops us: of the service that is at hand the new ones go, and what ran before runs on.
undo() {
  [ -f .env.before ] || return 0
  [ -z "$service" ] || for one in $(newcomers "$service" "$old"); do
    echo "upgrade.sh: this new $service is removed again:" >&2
    docker logs --tail 20 "$one" >&2 || true
    docker rm -f "$one" >/dev/null
  done
  mv .env.before .env
}
trap undo EXIT
trap 'exit 130' INT TERM

name
for next in manager-api manager-worker manager-federation; do
  running=$(compose ps -q "$next" | tr '\n' ' ')
  old=$running service=$next
  count=$(echo "$old" | wc -w)
  [ "$count" -gt 0 ] || continue
  compose up -d --no-deps --no-recreate --scale "$service=$((count * 2))" "$service"
  new=$(newcomers "$service" "$old")
  waited=0
  until [ "$(echo "$new" | wc -w)" -eq "$count" ] && all_well "$new"; do
    waited=$((waited + 1))
    if [ "$waited" -gt "$patience" ]; then
      echo "upgrade.sh: the new $service is not well after $patience s." >&2
      exit 1
    fi
    sleep 1
  done
  # The front has seen them too.
  [ "$service" != manager-api ] || sleep 3
  # From here on there is no way back but the same script.
  service=''
  # shellcheck disable=SC2086
  docker stop -t 30 $old >/dev/null
  # shellcheck disable=SC2086
  docker rm $old >/dev/null
  echo "$next: $count of $image"
done
# Nobody's request goes to it.
if [ -n "$(compose ps -q rendezvous)" ]; then compose up -d --no-deps rendezvous; fi
rm .env.before
