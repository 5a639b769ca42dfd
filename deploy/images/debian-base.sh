#!/bin/sh
# Makes a base image from Debian packages alone, without a registry:
#
#   deploy/images/debian-base.sh node|haproxy|postgres|redis|prosody TAG
#
# For hosts that reach a Debian mirror and no registry, and for the tests. apt-get fetches and proves the packages by the sources of this host,
# dpkg-deb unpacks them, `docker import` makes the image (DOCKER_HOST says where; with --output FILE as the third and fourth word the file system
# goes into a file). No maintainer script runs. Node is that of this host (the `node` of PATH), since Debian 12 has none of version 20.
set -eu
kind=${1:?which image?} tag=${2:?which tag?} output=''
[ "${3:-}" = --output ] && output=${4:?which file?}
PATH=$PATH:/usr/sbin:/sbin
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

common='base-files base-passwd coreutils dash grep libc-bin sed tzdata'
case $kind in
  node) packages="$common libstdc++6 libatomic1" ;;
  haproxy) packages="$common haproxy" ;;
  postgres) packages="$common postgresql-15 postgresql-client-15"; path=$path:/usr/lib/postgresql/15/bin ;;
  redis) packages="$common redis-server redis-tools" ;;
  prosody) packages="$common prosody" ;;
  *) echo "debian-base.sh: there is no image $kind; see its first lines." >&2; exit 2 ;;
esac
mkdir -p "$work/archives/partial" "$root"
: >"$work/status"
# An empty list of installed packages: apt-get fetches everything that the named ones need.
# shellcheck disable=SC2086
apt-get -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
  --no-install-recommends --download-only -y -qq install $packages >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; exit 1; }

# What a server does not need of what its packages depend on: the means to install, to configure by hand, and locales.
unwanted='adduser_ debconf_ dpkg_ init-system-helpers_ locales_ lsb-base_ login_ netbase_ openssl_ passwd_ perl_ perl-base_ perl-modules- libperl5 postgresql-common_ postgresql-client-common_ sensible-utils_ ssl-cert_ sysvinit-utils_ tar_ ucf_ util-linux'
for name in bin lib lib32 lib64 libx32 sbin; do mkdir -p "$root/usr/$name" && ln -s "usr/$name" "$root/$name"; done
for package in "$work"/archives/*.deb; do
  for one in $unwanted; do case ${package##*/} in "$one"*) continue 2 ;; esac; done
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --no-same-owner -f - -C "$root"
done
for name in lib32 libx32; do rmdir "$root/usr/$name" 2>/dev/null && rm "$root/$name"; done
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/info "$root"/usr/share/lintian "$root"/var/cache/apt \
  "$root"/etc/init.d "$root"/lib/systemd "$root"/usr/lib/postgresql/15/lib/bitcode "$root"/usr/share/i18n

# What the maintainer scripts would have done.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
mkdir -p "$root/usr/local/bin" "$root/tmp" "$root/run" "$root/proc" "$root/sys" "$root/dev"
chmod 1777 "$root/tmp"
if [ "$kind" = node ]; then cp -L "$(command -v node)" "$root/usr/local/bin/node"; fi
if [ "$kind" = prosody ]; then [ -e "$root/usr/bin/lua" ] || ln -s lua5.4 "$root/usr/bin/lua"; fi
ldconfig -r "$root"

pack() { tar --owner=0 --group=0 --numeric-owner -C "$root" -cf - .; }
if [ -n "$output" ]; then pack >"$output"
else pack | docker import -c "ENV PATH=$path" -c 'ENV LANG=C.UTF-8' - "$tag" >"$work/id"
fi
echo "${output:-$tag}"
