#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge-lxc.sh [CASE...]: the host ends of real LXC containers.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

# ct NAME LINE...: a container with these lines about its network
ct()
{
	local name=$1

	shift
	[[ -d /var/lib/lxc/$name ]] || lxc-create -t busybox -n "$name" >/dev/null ||
		fail "cannot create $name"
	sed -i '/^lxc.net/d; /^lxc.apparmor/d' "/var/lib/lxc/$name/config"
	printf '%s\n' 'lxc.apparmor.profile = unconfined' 'lxc.net.0.type = veth' \
		'lxc.net.0.flags = up' "$@" >>"/var/lib/lxc/$name/config"
}

forwards() { [[ $(cat "/sys/class/net/$1/brport/state" 2>/dev/null) == 3 ]]; }
gone() { ! exists "$1"; }

# Nobody but the watcher knows the bridge: the container's configuration does not name it.
case_watcher_does_it_all()
{
	local i

	ct ct1 'lxc.net.0.veth.pair = veth1.0'
	ra 0 start
	for ((i = 0; i < ${VZHA_STARTS:-5}; i++)); do
		lxc-start -n ct1 || fail "start $i"
		wait_for 250 is_in veth1.0 br0 || fail "start $i: not attached"
		wait_for 250 forwards veth1.0 || fail "start $i: not forwarding"
		lxc-stop -k -n ct1
		wait_for 250 gone veth1.0 || fail "stop $i: veth1.0 stays"
	done
	monitor 0
}

# LXC attaches it itself; a watcher that is too quick makes lxc-start fail with EBUSY.
case_lxc_attaches()
{
	local i

	ct ct1 'lxc.net.0.veth.pair = veth1.0' 'lxc.net.0.link = br0'
	ra 0 start
	for ((i = 0; i < ${VZHA_STARTS:-20}; i++)); do
		lxc-start -n ct1 || fail "start $i"
		must is_in veth1.0 br0
		lxc-stop -k -n ct1
		wait_for 250 gone veth1.0 || fail "stop $i: veth1.0 stays"
	done
}

cases "$@"
