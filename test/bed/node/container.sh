# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# container.sh - LXC containers on a disk that the nodes of bed.sh share
#
#	container_disk r0.img			# an ext4 image: /lab/r0.img in every node
#	container_make node1 r0.img ct101 10.78.0.101/24 br0
#	node_run node1 mount -o loop /lab/r0.img /d0	# on one node at a time, as with DRBD
#	container_watch ct101			# from here on, a second copy is noticed
#	container_copies ct101			# prints the nodes on which it lives
#	container_once ct101			# fails, with the times, if there ever were two
#
# The container is at vz/var/lib/lxc/CTID of the disk, where vzroot-relocation wants what belongs
# to /var/lib/lxc. Its network card has the same MAC wherever it runs.

container_disk()
{
	if ! truncate -s 256M "$BED_SHARE/$1" || ! mkfs.ext4 -qF "$BED_SHARE/$1"; then
		bed_fail "no disk image $1"
	fi
}

# container_make NODE IMAGE CTID ADDRESS BRIDGE: on a disk that is not mounted anywhere
container_make()
{
	# shellcheck disable=SC2016 # for the node's shell
	node_sh "$1" 'set -e
		disk=/run/disk path=/run/disk/vz/var/lib/lxc ct=$2
		mkdir $disk
		mount -o loop "/lab/$1" $disk
		mkdir -p $path
		lxc-create -t busybox -P $path -n "$ct" >/dev/null
		sed -i "/^lxc.net/d; /^lxc.apparmor/d; s|$path|/var/lib/lxc|" "$path/$ct/config"
		cat >>"$path/$ct/config" <<-EOT
		lxc.apparmor.profile = unconfined
		lxc.net.0.type = veth
		lxc.net.0.link = $4
		lxc.net.0.flags = up
		lxc.net.0.name = eth0
		lxc.net.0.hwaddr = 02:00:$(md5sum <<<"$ct" | sed "s/../&:/g; s/^\(.\{11\}\).*/\1/")
		lxc.net.0.ipv4.address = $3
		EOT
		# The template would ask for an address by DHCP, which takes away the one it has.
		printf "#!/bin/sh\nip link set lo up\n" >"$path/$ct/rootfs/etc/init.d/rcS"
		umount $disk
		rmdir $disk' "$2" "$3" "$4" "$5" || bed_fail "cannot make container $3"
}

# A container lives on a node when one of its cgroups there has a process. No process is started
# to find out, so that it can be asked often.
container_copies()
{
	local file line
	for file in "$BED_CG"/node-*/lxc.payload."$1"/cgroup.events \
		"$BED_CG"/node-*/lxc.payload."$1"-[0-9]*/cgroup.events; do
		{ read -r line <"$file"; } 2>/dev/null || continue
		[[ $line != "populated 1" ]] || {
			line=${file#"$BED_CG"/node-}
			echo "${line%%/*}"
		}
	done
}

container_watch()
{
	container_watcher "$1" >"$BED_LAB/twice.$1" 2>/dev/null &
	disown
}

container_watcher()
{
	trap - EXIT INT TERM HUP
	local copies
	while sleep 0.05; do
		copies=$(container_copies "$1")
		[[ $copies != *$'\n'* ]] || echo "$EPOCHREALTIME: on ${copies//$'\n'/ and }"
	done
}

container_once()
{
	[[ -e $BED_LAB/twice.$1 ]] || bed_fail "nobody watched $1"
	[[ ! -s $BED_LAB/twice.$1 ]] && return 0
	echo "$1 ran twice:" >&2
	sed '10q' "$BED_LAB/twice.$1" >&2
	return 1
}
