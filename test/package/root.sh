# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# root.sh - a clean Debian, with what the README tells people to install beside vzha
#
#	. test/package/root.sh
#	root_image		# makes it, once; sets ROOT_IMAGE, a directory that nobody writes to
#	root_overlay DIR	# DIR/root: a copy of it to change, gone with the mount namespace
#	root_run DIR COMMAND...	# in that copy, by chroot, without a network
#
# Made by mmdebstrap from the machine's own Debian archives and kept beside the virtual machines'
# image, in ${VZHA_CACHE:-/var/cache/vzha-test}, under a hash of what went in.

ROOT_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../bed/vm/image.sh
. "$ROOT_DIR/../bed/vm/image.sh"

# The second line is what a network would let apt install by itself.
ROOT_PACKAGES="pacemaker pacemaker-cli-utils corosync crmsh resource-agents heartbeat drbd-utils lxc
	libnl-3-200 libnl-genl-3-200 libqb100 libvotequorum8 libcpg4 libxml2
	busybox-static iproute2 iputils-ping bridge-utils e2fsprogs kmod procps psmisc systemd util-linux"

root_key()
{
	{
		echo "$ROOT_PACKAGES"
		cat "$ROOT_DIR/root.sh"
		vm_sources
	} | sha256sum | cut -c1-16
}

root_bootstrap()
{
	local list packages

	list=$(vm_sources)
	read -r -d '' -a packages <<<"$ROOT_PACKAGES"
	[[ -n $list ]] || {
		echo "root.sh: no Debian archive among this machine's package sources" >&2
		return 1
	}
	vm_bootstrap "$1" "$list" "${packages[@]}"
}

root_image()
{
	local work

	mkdir -p "$VM_CACHE"
	ROOT_IMAGE=$VM_CACHE/root-$(root_key)
	(
		flock 9
		[[ ! -d $ROOT_IMAGE ]] || exit 0
		echo "building a clean Debian root (once)"
		rm -rf "$VM_CACHE"/root-*
		work=$(mktemp -d "$VM_CACHE/building.XXXXXX") || exit 1
		trap 'rm -rf "$work"' EXIT
		trap 'exit 1' INT TERM HUP
		root_bootstrap "$work/root" || exit 1
		rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
		sync -f "$work" && mv "$work/root" "$ROOT_IMAGE"
	) 9>"$VM_CACHE/.root-lock"
}

root_overlay()
{
	mount -t tmpfs root "$1" && mkdir -p "$1"/{upper,work,root} &&
		mount -t overlay -o "lowerdir=$ROOT_IMAGE,upperdir=$1/upper,workdir=$1/work" root "$1/root" &&
		mount -t proc proc "$1/root/proc" && mount -t tmpfs dev "$1/root/dev" &&
		mknod -m 666 "$1/root/dev/null" c 1 3 && mount -t tmpfs run "$1/root/run" &&
		printf '#!/bin/sh\nexit 101\n' >"$1/root/usr/sbin/policy-rc.d" &&
		chmod 755 "$1/root/usr/sbin/policy-rc.d"
}

root_run()
{
	local dir=$1

	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive chroot "$dir/root" "$@"
}
