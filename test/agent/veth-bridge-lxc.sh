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

# LXC attaches it itself and names it at random: no pattern fits, vz-container's start tells.
case_random_names()
{
	local container=/usr/lib/ocf/resource.d/vzha/vz-container end
	local -a env=(env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_ctid=ct2 OCF_RESKEY_quorum=ignore
		OCF_RESKEY_CRM_meta_timeout=20000)

	ct ct2 'lxc.net.0.link = br0'
	ra 0 start isolated='veth*'
	must "${env[@]}" "$container" start
	end=$(ls /sys/class/net/br0/brif)
	[[ $end == veth[!0-9]* || $end == veth*[!0-9.]* ]] || fail "the name $end is not a random one"
	wait_for 250 grep -q 1 "/sys/class/net/$end/brport/isolated" || fail "it is not treated as a port"
	ip link set "$end" nomaster
	wait_for 250 is_in "$end" br0 || fail "it is not put back"
	"$agent" status bridge=br0 >"$out" 2>&1
	must grep -q "$end" "$out"
	must "${env[@]}" "$container" stop
	wait_for 250 gone "$end" || fail "$end stays"
	monitor 0 isolated='veth*'
	# A bridge of somebody else: nothing of ours is left on the links.
	ra 0 stop
	ip link add br0 type bridge && ip link set br0 up
	must "${env[@]}" "$container" start
	must_not grep -q vzha <(ip -d link show master br0)
	must "${env[@]}" "$container" stop
	ip link del br0
}

cases "$@"
