#!/bin/sh
# Builds a disk for machines of cloud-hosts from Debian packages alone: a kernel, OpenSSH's server and the real cloud-init, which reads the
# user data from a NoCloud seed. It boots by a BIOS from one partition.
#
#   deploy/machine-image/build-disk.sh --output FILE.qcow2 [--packages "MORE PACKAGES"] [--size-mb 1500]
#
# The file system is that of build.sh; no maintainer script runs, and there is no systemd: /sbin/init is the script below. For machines of users
# a distribution's own cloud image is the better choice; this one is small, boots in emulation, and needs no download of an image.
# Needs root, apt-get, dpkg-deb, tar, cpio, gzip, mke2fs, qemu-img, grub-mkimage (grub-common).
set -eu
output='' more='' size=1500
while [ $# -gt 0 ]; do
  case $1 in
    --output) output=$2; shift 2 ;;
    --packages) more=$2; shift 2 ;;
    --size-mb) size=$2; shift 2 ;;
    *) echo "build-disk.sh: $1 is not understood; see its first lines." >&2; exit 2 ;;
  esac
done
[ -n "$output" ] || { echo 'build-disk.sh: --output FILE.qcow2 is missing.' >&2; exit 2; }
case $output in /*) ;; *) output=$PWD/$output ;; esac
[ "$(id -u)" -eq 0 ] || { echo 'build-disk.sh: it needs root, for the owners of the files.' >&2; exit 1; }
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
PATH=$PATH:/usr/sbin:/sbin
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
root=$work/root
mkdir "$root"

# Two root file systems: of the machine, and of the first seconds, which find and mount it.
"$here/build.sh" --output "$work/root.tar" --packages "cloud-init e2fsprogs isc-dhcp-client kmod mount procps sudo udev busybox-static $more" >/dev/null
tar -C "$root" -xf "$work/root.tar"
rm "$work/root.tar"

# The packages of kernel and boot loader are unpacked and not installed.
cd "$work"
kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
apt-get download -qq -o APT::Sandbox::User=root "$kernel" grub-pc-bin
for package in *.deb; do dpkg-deb -x "$package" packages; done
rm -- *.deb
release=$(ls packages/lib/modules)
mkdir -p "$root/boot" "$root/lib/modules"
cp "packages/boot/vmlinuz-$release" "$root/boot/vmlinuz"
cp -R "packages/lib/modules/$release" "$root/lib/modules/"
rm -rf "$root/lib/modules/$release/kernel/sound" "$root/lib/modules/$release/kernel/drivers/gpu"
depmod -b "$root" "$release"

# What cloud-init's own scripts would have set up, and Python's modules compiled once instead of at each first boot.
cat >"$root/etc/cloud/cloud.cfg.d/90-fogbow.cfg" <<'END'
datasource_list: [NoCloud]
datasource: { NoCloud: { fs_label: cidata } }
network: { config: disabled }
disable_root: false
ssh_genkeytypes: [ed25519]
ssh_deletekeys: false
no_ssh_fingerprints: true
ssh: { emit_keys_to_console: false }
output: { all: '| tee -a /var/log/cloud-init-output.log' }
# All in one of its stages: in emulation each start of it costs many seconds.
cloud_init_modules: [bootcmd, write-files, set_hostname, users-groups, ssh, runcmd, scripts-per-boot, scripts-user]
cloud_config_modules: []
cloud_final_modules: []
END
chroot "$root" python3 -m compileall -q /usr/lib/python3 /usr/lib/python3.11 >/dev/null 2>&1 || :
[ -e "$root/usr/bin/python3" ] || ln -s python3.11 "$root/usr/bin/python3"
printf 'Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n' >"$root/etc/sudoers"
chmod 440 "$root/etc/sudoers"
printf 'auth sufficient pam_rootok.so\nauth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n' >"$root/etc/pam.d/sudo"
# Without PAM sshd would not let in the accounts of cloud-init, whose passwords are locked. Keys alone prove who somebody is.
sed -i 's/^UsePAM .*/UsePAM yes/' "$root/etc/ssh/sshd_config"
printf 'auth required pam_deny.so\naccount required pam_permit.so\nsession required pam_permit.so\n' >"$root/etc/pam.d/sshd"
printf 'auth required pam_deny.so\naccount required pam_deny.so\npassword required pam_deny.so\nsession required pam_deny.so\n' >"$root/etc/pam.d/other"
echo '/dev/vda1 / ext4 rw 0 1' >"$root/etc/fstab"
rm -f "$root/sbin/init"
cat >"$root/sbin/init" <<'END'
#!/bin/sh
# Process 1 of a machine without systemd: devices, network, sshd, cloud-init, and an orderly end.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root
mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /tmp
mkdir -p /run/sshd /run/lock /run/cloud-init; chmod 1777 /tmp
mount -o remount,rw /
for module in isofs virtio_net virtio_rng evdev button; do modprobe "$module" 2>/dev/null; done
mkdir -p /dev/disk/by-id /dev/disk/by-label
end() { trap '' TERM INT PWR; echo '[init] the system shuts down'; kill -TERM -1; sleep 1; kill -KILL -1; sync; mount -o remount,ro /; busybox "$1" -f; }
trap 'end poweroff' TERM PWR USR1 USR2
trap 'end reboot' INT
busybox acpid -d -c /etc/acpi >/dev/null 2>&1 &
ip link set lo up; ip link set eth0 up
dhclient -1 -q eth0 || echo '[init] no address by DHCP'
{
  [ -s /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
  /usr/sbin/sshd
  python3 -E -s -m cloudinit.cmd.main init --local && python3 -E -s -m cloudinit.cmd.main init
  echo "[init] up after $(cut -d ' ' -f 1 /proc/uptime) s"
} </dev/null >/dev/console 2>&1 &
while :; do wait; sleep 1 & wait $!; done
END
chmod 755 "$root/sbin/init"
mkdir -p "$root/etc/acpi/PWRF"
printf '#!/bin/sh\nkill -PWR 1\n' >"$root/etc/acpi/PWRF/00000080"
chmod 755 "$root/etc/acpi/PWRF/00000080"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"

mkdir -p first/bin first/dev first/proc first/sys first/root first/modules
cp "$root/bin/busybox" first/bin/ 2>/dev/null || cp "$root/usr/bin/busybox" first/bin/
order=''
for name in virtio_pci virtio_blk ext4; do
  for path in $(modprobe -d "$root" -S "$release" --show-depends "$name" | awk '$1 == "insmod" { print $2 }'); do
    base=$(basename "$path")
    case " $order " in *" $base "*) continue ;; esac
    cp "$path" "first/modules/$base"
    order="$order $base"
  done
done
cat >first/init <<END
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev; /bin/busybox mount -t proc proc /proc
for module in $order; do /bin/busybox insmod /modules/\$module; done
i=0; while [ ! -b /dev/vda1 ] && [ \$i -lt 100 ]; do /bin/busybox sleep 0.05; i=\$((i + 1)); done
/bin/busybox mount -t ext4 -o ro /dev/vda1 /root
/bin/busybox umount /proc; /bin/busybox umount /dev
exec /bin/busybox switch_root /root /sbin/init
END
chmod 755 first/init
(cd first && find . | cpio -o -H newc --quiet | gzip -9 >"$root/boot/initrd.gz")

# One partition from the first megabyte on; the boot loader lies before it, as GRUB's own installer would put it.
mke2fs -q -t ext4 -d "$root" -E root_owner=0:0 "$work/part" "$((size - 1))M" >/dev/null
cat >grub.cfg <<'END'
set root=(hd0,msdos1)
linux /boot/vmlinuz root=/dev/vda1 console=ttyS0 quiet mitigations=auto random.trust_cpu=on
initrd /boot/initrd.gz
boot
END
grub-mkimage -d packages/usr/lib/grub/i386-pc -O i386-pc -o core.img -c grub.cfg -p '(hd0,msdos1)/boot' biosdisk part_msdos ext2 linux boot normal
{
  head -c 440 packages/usr/lib/grub/i386-pc/boot.img
  printf '\000\000\000\000\000\000'
  # Active, Linux, from sector 2048, to the end.
  sectors=$(((size - 1) * 2048))
  printf "\\200\\376\\377\\377\\203\\376\\377\\377\\000\\010\\000\\000\\$(printf %o $((sectors & 255)))\\$(printf %o $((sectors >> 8 & 255)))\\$(printf %o $((sectors >> 16 & 255)))\\$(printf %o $((sectors >> 24 & 255)))"
  head -c 48 /dev/zero
  printf '\125\252'
  cat core.img
} >"$work/disk"
[ "$(stat -c %s "$work/disk")" -le 1048576 ] || { echo 'build-disk.sh: the boot loader is too large.' >&2; exit 1; }
truncate -s 1M "$work/disk"
cat "$work/part" >>"$work/disk"
qemu-img convert -c -O qcow2 "$work/disk" "$output"
echo "$output"
