# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# deps.sh - what building and testing vzha needs, from the machine's own package sources
#
#	. test/lib/deps.sh
#	deps_install build vm		# groups of packages, see below; quick when all are there
#
# Nothing that is installed here may start on this machine: the clusters of the tests live in
# namespaces and virtual machines, and the machine's own network stays as it is.

declare -A DEPS_GROUP=(
	[build]="gcc libc6-dev cmake ninja-build pkg-config libnl-3-dev libnl-route-3-dev libnl-genl-3-dev
		libqb-dev libvotequorum-dev libxml2-dev resource-agents pcs"
	[test]="clang clang-format libclang-rt-14-dev valgrind libcmocka-dev g++ libxml2-utils groff man-db
		shellcheck codespell strace binutils"
	[node]="pacemaker pacemaker-cli-utils corosync crmsh pcs resource-agents heartbeat drbd-utils lxc
		busybox-static iproute2 iputils-ping bridge-utils e2fsprogs kmod procps attr acl
		tcpdump util-linux mount systemd xfsprogs"
	[vm]="qemu-system-x86 qemu-utils mmdebstrap busybox-static e2fsprogs iproute2 iputils-ping
		kmod cpio xz-utils zstd socat procps util-linux"
	[package]="debhelper dpkg-dev lintian rpm rpmlint cpio mmdebstrap libxml2-utils pkg-config"
)

# Services that Debian enables on installation and that would act on this machine.
DEPS_SERVICES="corosync pacemaker heartbeat pcsd lxc lxc-net drbd"

deps_missing()
{
	local group package

	for group in "$@"; do
		for package in ${DEPS_GROUP[$group]:?no such group: $group}; do
			[[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] ||
				echo "$package"
		done
	done | sort -u
}

# Debian asks this file before it starts a service on installation; only ours is removed again.
deps_forbid_start()
{
	[[ ! -e /usr/sbin/policy-rc.d ]] || return 0
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	DEPS_POLICY=1
}

deps_install()
{
	local -a missing
	local before service

	mapfile -t missing < <(deps_missing "$@")
	((${#missing[@]})) || return 0
	if ((EUID != 0)); then
		echo "${0##*/}: run as root: these packages are missing:" "${missing[@]}" >&2
		return 1
	fi
	echo "installing:" "${missing[@]}"
	before=$(for service in $DEPS_SERVICES; do
		systemctl is-enabled --quiet "$service" 2>/dev/null && echo "$service"
	done)
	deps_forbid_start
	(
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq -o DPkg::Lock::Timeout=300 update &&
			apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
				install --no-install-recommends "${missing[@]}" >/dev/null
	)
	local result=$?
	[[ -z ${DEPS_POLICY-} ]] || rm -f /usr/sbin/policy-rc.d
	for service in $DEPS_SERVICES; do
		[[ " $before " == *"$service"* ]] ||
			systemctl disable --quiet "$service" 2>/dev/null || true
	done
	if ((result != 0)); then
		echo "${0##*/}: could not install what is missing:" "${missing[@]}" >&2
		return 1
	fi
}
