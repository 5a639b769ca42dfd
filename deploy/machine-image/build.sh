#!/bin/sh
# Builds the machine image of cloud-containers from Debian packages alone, without a registry:
#
#   deploy/machine-image/build.sh [--tag NAME:TAG] [--output FILE.tar] [--packages "MORE PACKAGES"]
#
# apt-get fetches and proves the packages by the sources of this host, dpkg-deb unpacks them, and `docker import` makes the image
# (DOCKER_HOST says where; with --output the file system goes into a file for `docker import` elsewhere). No maintainer script of a
# package runs: what a machine needs of them is done here. Needs apt-get, dpkg-deb and tar; root is not needed.
set -eu
tag=fogbow-machine:1 output='' more=''
while [ $# -gt 0 ]; do
  case $1 in
    --tag) tag=$2; shift 2 ;;
    --output) output=$2; shift 2 ;;
    --packages) more=$2; shift 2 ;;
    *) echo "build.sh: $1 is not understood; see its first lines." >&2; exit 2 ;;
  esac
done
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir -p "$work/archives/partial" "$root"
: >"$work/status"

# An empty list of installed packages: apt-get fetches everything that the named ones need.
packages="base-files base-passwd bash coreutils dash debianutils diffutils findutils grep gzip hostname iproute2 iputils-ping less libc-bin login
  mawk ncurses-base ncurses-bin openssh-client openssh-server openssh-sftp-server passwd procps sed tar util-linux $more"
# shellcheck disable=SC2086
apt-get -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
  --no-install-recommends --download-only -y -qq install $packages >"$work/log" 2>&1 || { tail -5 "$work/log" >&2; exit 1; }

# /bin, /lib and /sbin are one with those of /usr, as Debian has it.
for name in bin lib lib32 lib64 libx32 sbin; do mkdir -p "$root/usr/$name" && ln -s "usr/$name" "$root/$name"; done
for package in "$work"/archives/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink --no-same-owner -f - -C "$root"; done
for name in lib32 libx32; do rmdir "$root/usr/$name" 2>/dev/null && rm "$root/$name"; done
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/info "$root"/usr/share/lintian \
  "$root"/var/cache/apt "$root"/usr/lib/*/perl* "$root"/etc/init.d "$root"/lib/systemd

# What the maintainer scripts would have done.
cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
sed -i 's|^\([^:]*\):[^:]*:|\1:x:|; s|^root:\(.*\):[^:]*$|root:\1:/bin/bash|' "$root/etc/passwd"
echo 'sshd:x:100:65534::/run/sshd:/usr/sbin/nologin' >>"$root/etc/passwd"
sed 's|^\([^:]*\):.*|\1:*:19000:0:99999:7:::|' "$root/etc/passwd" >"$root/etc/shadow"
sed 's|^\([^:]*\):.*|\1:*::|' "$root/etc/group" >"$root/etc/gshadow"
chmod 640 "$root/etc/shadow" "$root/etc/gshadow"
cp "$root/usr/share/base-files/profile" "$root/etc/profile"
for name in .bashrc .profile; do cp "$root/usr/share/base-files/dot$name" "$root/root/$name"; done
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
[ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
[ -e "$root/usr/bin/pager" ] || ln -s less "$root/usr/bin/pager"
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
: >"$root/etc/hostname"
mkdir -p "$root/run/sshd" "$root/var/lib/cloud/scripts/per-boot" "$root/var/log" "$root/tmp"
chmod 1777 "$root/tmp"
ldconfig -r "$root" 2>/dev/null || /sbin/ldconfig -r "$root"

# Keys alone let in, and no PAM: its modules were not configured.
mkdir -p "$root/etc/ssh"
cat >"$root/etc/ssh/sshd_config" <<'END'
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd yes
X11Forwarding no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
END
rm -f "$root"/etc/ssh/ssh_host_*

pack() { tar --owner=0 --group=0 --numeric-owner -C "$root" -cf - .; }
if [ -n "$output" ]; then pack >"$output"
else pack | docker import -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c 'ENV LANG=C.UTF-8' - "$tag" >"$work/id"
fi
echo "${output:-$tag}"
