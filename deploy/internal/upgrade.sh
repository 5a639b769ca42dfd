#!/bin/sh
# Another version of Fogbow in the place of the one that runs, without a failed request: upgrade.sh IMAGE
# Of each service of the Manager a process of the new image is started beside each old one, and the Rendezvous is replaced. Only when all of them are
# well the old ones are told to go, finish what they do, and are removed. If the new ones do not become well, they are removed and the old ones, all of
# which still run, go on. The schema moves forward with the first of them; the old version works on beside it. The same brings the version before back,
# and goes on where a run before was cut short.
set -eu
image=${1:?upgrade.sh IMAGE}
patience=${PATIENCE:-180}
cd "$(dirname "$0")"
if docker compose version >/dev/null 2>&1; then compose() { docker compose "$@"; }; else compose() { docker-compose "$@"; }; fi
id=$(docker image inspect -f '{{.Id}}' "$image")
managers='manager-api manager-worker manager-federation'

# Containers among $1 of our image, or with $2 = old of any other. A name may have come to mean another image.
pick() { for one in $1; do if [ "$(docker inspect -f '{{.Image}}' "$one")" = "$id" ]; then [ "$2" = old ] || echo "$one"; else [ "$2" != old ] || echo "$one"; fi; done; }
running() { compose ps -q "$1"; }
# How many of $1 there are meant to be: a run that was cut short leaves two versions, each of them at most that often.
meant() { for one in $(running "$1"); do docker inspect -f '{{.Image}}' "$one"; done | sort | uniq -c | sort -rn | awk 'NR == 1 { print $1 }'; }
well() { for one in $1; do [ "$(docker inspect -f '{{.State.Health.Status}}' "$one")" = healthy ] || return 1; done; }
# Until $2 containers of our image in the service $1 are well.
await_new() {
  waited=0
  until new=$(pick "$(running "$1")" new) && [ "$(echo "$new" | wc -w)" -ge "$2" ] && well "$new"; do
    waited=$((waited + 1))
    if [ "$waited" -gt "$patience" ]; then
      echo "upgrade.sh: the new $1 is not well after $patience s." >&2
      exit 1
    fi
    sleep 1
  done
}

stays='' replaced='' rendezvous=$(running rendezvous)
# Whatever stops us before all is well: the new ones go, and what ran before runs on.
undo() {
  [ -f .env.before ] || return 0
  for service in $managers; do
    for one in $(pick "$(compose ps -a -q "$service")" new); do
      case " $stays " in *" $one "*) continue ;; esac
      echo "upgrade.sh: this new $service is removed again:" >&2
      docker logs --tail 20 "$one" >&2 || true
      # It may serve users: what it is at is finished.
      docker stop -t 30 "$one" >/dev/null || true
      docker rm -f "$one" >/dev/null || true
    done
  done
  mv .env.before .env
  if [ -n "$rendezvous" ] && [ -n "$replaced" ]; then compose up -d --no-deps rendezvous; fi
}

# Written beside and moved: whoever kills us leaves whole files.
if [ -f .env.before ]; then
  # A run was killed before all was well. What it was to replace is named there; what it began with our image is taken back if that fails again.
  replaced=yes
else
  cp -p .env .env.part
  mv .env.part .env.before
fi
if [ -z "$replaced" ] || ! grep -qxF "FOGBOW_IMAGE=$image" .env || grep -qxF "FOGBOW_IMAGE=$image" .env.before; then
  for service in $managers; do stays="$stays $(running "$service" | tr '\n' ' ')"; done
fi
trap undo EXIT
trap 'exit 130' INT TERM
cp -p .env.before .env.part
{ sed '/^FOGBOW_IMAGE=/d' .env.before; echo "FOGBOW_IMAGE=$image"; } >.env.part
mv .env.part .env

for service in $managers; do
  count=$(meant "$service")
  [ -n "$count" ] || continue
  old=$(pick "$(running "$service")" old | wc -w)
  compose up -d --no-deps --no-recreate --scale "$service=$((old + count))" "$service"
  await_new "$service" "$count"
  echo "$service: $count of $image"
done
# The front has seen them too.
sleep 3
# Nobody's request goes to it, and there may be one only.
if [ -n "$rendezvous" ]; then
  replaced=yes
  if well "$rendezvous"; then was_well=yes; else was_well=''; fi
  compose up -d --no-deps rendezvous
  [ -z "$was_well" ] || await_new rendezvous 1
fi

# From here on there is no way back but the same script.
rm .env.before
trap 'echo "upgrade.sh: $image serves, but some of the version before are still there: run it again." >&2' EXIT
for service in $managers; do
  old=$(pick "$(running "$service")" old)
  # shellcheck disable=SC2086
  [ -z "$old" ] || docker stop -t 30 $old >/dev/null
  # shellcheck disable=SC2086
  [ -z "$old" ] || docker rm $old >/dev/null
done
trap - EXIT
