#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The init of a node: first process of the node's namespaces, started by node_boot (bed.sh).
# In the environment: NAME, DIR (the node's files in the lab), ROOT (empty: the machine's), SHARE, STAGE,
# BIND.

set -e

# The lab's /proc is still here, so this is our process id as the lab sees it.
read -r lab_pid _ </proc/self/stat
cd "$DIR"

# A directory of the lower layer can only be renamed or exchanged with redirect_dir.
mount -t overlay -o "lowerdir=${ROOT:-/},upperdir=$DIR/upper,workdir=$DIR/work,redirect_dir=on" node root
cd root

# File systems mounted below / are not part of its overlay: each gets one of its own.
while [[ -z $ROOT ]] && read -r target; do
	case $target in
	/ | /boot* | /mnt/* | /media/* | /run/*) continue ;;
	esac
	key=${target//\//%}
	mkdir -p "$DIR/more/$key"/{upper,work} ".$target"
	mount -t overlay -o "lowerdir=$target,upperdir=$DIR/more/$key/upper" \
		-o "workdir=$DIR/more/$key/work,redirect_dir=on" node ".$target"
done < <(findmnt -rn -o TARGET -t ext2,ext3,ext4,xfs,btrfs,f2fs,zfs)

mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev

# /proc/sysrq-trigger is the machine's, not the node's: b would reboot it.
[[ ! -e proc/sysrq-trigger ]] || mount --bind /dev/null proc/sysrq-trigger

node_device()
{
	local spec
	for spec in "null c 1 3" "zero c 1 5" "full c 1 7" "random c 1 8" "urandom c 1 9" \
		"tty c 5 0" "loop-control c 10 237" "net/tun c 10 200" "fuse c 10 229"; do
		# shellcheck disable=SC2086 # name, type and numbers
		mknod -m 666 dev/${spec}
	done
	for ((i = 0; i < 64; i++)); do
		mknod -m 660 "dev/loop$i" b 7 "$i"
	done
}
mkdir dev/{pts,shm,net}
node_device
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for i in 0:stdin 1:stdout 2:stderr; do
	ln -s "/proc/self/fd/${i%:*}" "dev/${i#*:}"
done

mount -t cgroup2 cgroup2 sys/fs/cgroup

echo "$NAME" >run/vzha-node # how a script knows that it is in a node
mkdir -p lab
mount --bind "$SHARE" lab
for dir in $BIND; do
	[[ -d $dir ]] || continue
	mkdir -p ".$dir"
	mount --bind "$dir" ".$dir"
	mount -o remount,bind,ro ".$dir"
done
unpack=
if [[ -d $STAGE && ! -e $DIR/installed ]]; then
	mkdir -p run/stage
	mount --bind "$STAGE" run/stage
	unpack=/run/stage
fi

# The lab's files, open through the pivot. go is written when the cables are in.
mkfifo "$DIR/go.$lab_pid"
exec {go}<>"$DIR/go.$lab_pid"
mv "$DIR/go.$lab_pid" "$DIR/go"
exec {dir}<"$DIR"
echo "$lab_pid" >"$DIR/pid.new"
mv "$DIR/pid.new" "$DIR/pid"

pivot_root . mnt
umount -l /mnt
cd /

hostname "$NAME"
echo "$NAME" >/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
for i in 1 2 3 4 5; do
	echo "10.77.0.$i node$i" >>/etc/hosts
done
echo "$NAME" | md5sum | cut -c1-32 >/etc/machine-id

# A module is loaded into the machine's kernel, which is not the node's to change.
rm -f /usr/sbin/modprobe
printf '#!/bin/sh\nexit 0\n' >/usr/sbin/modprobe
chmod 755 /usr/sbin/modprobe

if [[ -n $unpack ]]; then
	# Never lay usr-less paths over the links of a merged /usr: /lib would become a directory.
	tar -C "$unpack" --owner=0 --group=0 -cf - . |
		tar -C / --keep-directory-symlink --no-overwrite-dir -xf -
	ldconfig
	# Debian's package brings an example of a cluster; a node is in none before cluster_conf.
	rm -f /etc/corosync/corosync.conf
	umount "$unpack"
	rmdir "$unpack"
	: >"/proc/self/fd/$dir/installed"
fi
systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/proc \
	--exclude-prefix=/sys || true

ip link set lo up
read -r -u "$go" number
ip addr add "10.77.0.$number/24" brd + dev eth0
ip link set eth0 up
ip link set eth1 up
: >"/proc/self/fd/$dir/up"
exec {dir}<&- {go}>&-

# From here on there is nothing to do but to inherit orphans. With SIGCHLD ignored the kernel reaps
# them; bash would do it for its own children only, and an agent that looks at a process id would
# see the dead.
exec env --ignore-signal=CHLD --ignore-signal=TERM --ignore-signal=INT --ignore-signal=HUP \
	sleep infinity
