#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge-watcher.sh [CASE...]: host ends come and go, and the watcher with them.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

case_other_master()
{
	ip link add br1 type bridge
	host_end veth1.0
	ip link set veth1.0 master br1
	ra 0 start
	sleep 0.3
	must is_in veth1.0 br1
	monitor 0
	ra 0 stop
	must is_in veth1.0 br1
}

case_not_host_ends()
{
	ra 0 start 'ports=veth* x* dev*'
	# a pair that stays here, a bridge called like a pattern
	ip link add dev0 type veth peer name x0
	ip link set dev0 up
	ip link add veth3.0 type bridge
	ip link set veth3.0 up
	sleep 1
	must_not is_in dev0 br0
	must_not is_in x0 br0
	must_not is_in veth3.0 br0
	# its other end leaves later: LXC does so after it has set the host end up
	ip link set x0 netns "$container"
	must wait_for 100 is_in dev0 br0
}

case_nobody_sets_up()
{
	ra 0 start
	ip link add veth1.0 type veth peer name e0 netns "$container"
	sleep 0.2
	must_not is_in veth1.0 br0
	must wait_for 60 is_in veth1.0 br0
	must wait_for 20 grep -q '^0x.*[13579bdf]$' /sys/class/net/veth1.0/flags
}

case_recreated()
{
	local i cycles=${VZHA_CYCLES:-250}

	ra 0 start
	for ((i = 0; i < cycles; i++)); do
		host_end veth1.0
		wait_for 100 is_in veth1.0 br0 || fail "cycle $i: not attached"
		ip link del veth1.0
	done
	# and in bursts, faster than anybody looks
	for ((i = 0; i < 20; i++)); do
		host_end veth1.0
		ip link del veth1.0
	done
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	monitor 0
}

case_killed_watcher()
{
	local pid

	ra 0 start
	pid=$(watcher)
	kill -KILL "$pid"
	must wait_for 50 no_watcher
	host_end veth1.0
	monitor 0
	must watcher
	must wait_for 100 is_in veth1.0 br0
	monitor 0
	[[ $(watcher) != "$pid" ]] || fail "the same pid"
	kill -KILL "$(watcher)"
	ra 0 stop
	must_not exists br0
	must_not marked veth1.0 vzha:port:veth1.0
}

case_stopped_watcher()
{
	ra 0 start
	kill -STOP "$(watcher)"
	ra 0 stop
	must_not exists br0
	must no_watcher
}

case_wiped_run()
{
	ra 0 start
	rm -rf /run/vzha 2>/dev/null # the watcher may be quicker to make it again
	must wait_for 50 watcher
	monitor 0
	host_end veth1.0
	must wait_for 50 is_in veth1.0 br0
	rm -rf /run/vzha 2>/dev/null # the watcher may be quicker to make it again
	ra 0 stop
	must_not exists br0
	must wait_for 50 no_watcher
	[[ -z $(pgrep -x veth-bridged) ]] || fail "a watcher is left"
	must_not is_in veth1.0 br0
}

case_deleted_bridge()
{
	local old

	ra 0 start
	ip link del br0
	monitor 7
	must wait_for 50 no_watcher
	ra 0 stop
	ra 0 start
	must watcher
	# deleted and made again at once: the watcher of the new one must live
	ip link del br0
	ra 0 start
	host_end veth1.0
	must wait_for 50 is_in veth1.0 br0
	must watcher
	# and one that has not noticed yet must not be taken for a good one
	old=$(watcher)
	kill -STOP "$old"
	ip link del br0
	ra 0 start
	[[ $(watcher) != "$old" ]] || fail "the watcher of the deleted bridge was kept"
}

# More events than the socket holds: a look at all links finds what came meanwhile.
case_lost_events()
{
	local i

	ra 0 start
	ip link add dev0 type veth peer name x0
	ip link set dev0 up
	kill -STOP "$(watcher)"
	for ((i = 0; i < 8000; i++)); do
		echo "link set dev0 alias a$i"
	done | ip -batch - || fail "ip -batch"
	host_end veth1.0
	awk 'NR > 1 && $9 > 0 { f = 1 } END { exit !f }' /proc/net/netlink ||
		fail "nothing was lost: this test shows nothing"
	must_not is_in veth1.0 br0
	kill -CONT "$(watcher)"
	must wait_for 100 is_in veth1.0 br0
	host_end veth2.0
	must wait_for 100 is_in veth2.0 br0
}

case_renamed_port()
{
	ra 0 start
	host_end veth1.0
	must wait_for 50 is_in veth1.0 br0
	ip link set veth1.0 down
	ip link set veth1.0 name dev0
	ra 0 stop
	must_not exists br0
	must_not is_in dev0 br0
	must_not marked dev0 vzha:port:veth1.0
}

case_overlap()
{
	ra 0 start 'ports=veth[0-9]*'
	ra 1 start bridge=br1 'ports=lxc* veth1.*'
	[[ $reason == *br0* ]] || fail "the reason does not name br0"
	must_not exists br1
	ra 0 start bridge=br1 'ports=lxc* vnet*'
	ra 0 stop bridge=br1
	must_not exists br1
	must exists br0
}

case_no_watcher_wanted()
{
	host_end veth1.0
	ra 0 start watch=false
	must is_in veth1.0 br0
	must no_watcher
	host_end veth2.0
	monitor 0 watch=false
	must is_in veth2.0 br0
	ra 0 stop watch=false
	must_not exists br0
}

cases "$@"
