#!/bin/sh
# Makes the image of Fogbow: deploy/images/build.sh [--tag NAME:TAG] [--debian] [--ready]
#
# The base is the official image of Node (or that of BASE). With --debian all images of the compose files are made from Debian packages, where no
# registry can be reached: fogbow-node:20, fogbow-haproxy:2.6, fogbow-postgres:15, fogbow-redis:7, fogbow-prosody:0.12, each once. With --ready all but the image itself
# is there already: bundles and Debian images. DOCKER_HOST says in which engine.
set -eu
cd "$(dirname "$0")/../.."
tag=fogbow:$(node -p 'require("./package.json").version') base=${BASE:-} ready=''
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=$2; shift 2 ;;
    --debian) base=fogbow-node:20; shift ;;
    --ready) ready=1; shift ;;
    *) echo "build.sh: $1 is not understood; see its first lines." >&2; exit 2 ;;
  esac
done
if [ "$base" = fogbow-node:20 ] && [ -z "$ready" ]; then
  for one in node:20 haproxy:2.6 postgres:15 redis:7 prosody:0.12; do
    docker image inspect "fogbow-$one" >/dev/null 2>&1 || deploy/images/debian-base.sh "${one%%:*}" "fogbow-$one"
  done
fi
[ -n "$ready" ] || node tools/build.mjs apps/manager apps/rendezvous apps/reverse-tunnel apps/cli apps/setup
# The older builder: the newer one is an addition that not every engine has.
DOCKER_BUILDKIT=0 docker build -q -f deploy/Dockerfile -t "$tag" ${base:+--build-arg "BASE=$base"} dist/apps
echo "$tag"
