#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge-owner.sh [CASE...]: whatever fails or is killed, what others made stays as it was; and
# what somebody changes behind our back is put right.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

# A bridge with a port, both somebody else's; what it is like, but for numbers that run.
premade()
{
	ip link add br0 type bridge stp_state 1 priority 77 forward_delay 900 ageing_time 12300
	ip link add dev0 type veth peer name x0
	ip link set dev0 master br0
	ip link set br0 up
}
picture()
{
	ip -d link show br0 | grep -o 'forward_delay [0-9]*\|ageing_time [0-9]*\|stp_state [0-9]\|priority [0-9]*\|ether [0-9a-f:]*\|altname.*\|mtu [0-9]*\|[<,]UP'
	ip -d link show dev0 | grep -o 'master [^ ]*\|isolated [a-z]*\|altname.*\|state [a-z]*'
}

# broken HOW ACTION...: the action with its Nth request to the kernel refused, or killed there
broken()
{
	env OCF_RESKEY_bridge=br0 OCF_RESKEY_watch=false OCF_RESKEY_priority=100 OCF_RESKEY_CRM_meta_timeout=4000 \
		strace -qq -o /dev/null -e "trace=${1%%:*}" -e "inject=$1" "$agent" "$2" >/dev/null 2>&1
}

case_premade_survives()
{
	local before call how i

	premade
	host_end veth1.0
	before=$(picture)
	ra 1 start uplink=nosuch
	[[ $(picture) == "$before" ]] || fail "a refused start changed: $(diff <(echo "$before") <(picture))"
	ra 0 stop
	[[ $(picture) == "$before" ]] || fail "a stop of nothing changed: $(diff <(echo "$before") <(picture))"
	for call in sendto ioctl recvfrom; do
		for how in error=EIO error=ENOMEM signal=KILL; do
			for ((i = 1; i <= 9; i += 2)); do
				broken "$call:$how:when=$i" start 2>/dev/null
				must exists br0
				must is_in dev0 br0
				broken "$call:$how:when=$i" stop 2>/dev/null
				must exists br0
				must is_in dev0 br0
				ra 0 stop
				must is_in dev0 br0
				must_not is_in veth1.0 br0
				[[ $(picture) != *vzha* ]] || fail "$call:$how:$i: a mark stays: $(picture)"
			done
		done
	done 2>/dev/null
	# the settings that were asked for may have been set; nothing else was
	[[ $(picture | grep -v '^priority') == "$(grep -v '^priority' <<<"$before")" ]] ||
		fail "something changed: $(diff <(echo "$before") <(picture))"
}

case_address_changed()
{
	local mac

	ra 0 start
	mac=$(cat /sys/class/net/br0/address)
	ip link set br0 address 02:00:00:00:00:55
	monitor 0
	[[ $(cat /sys/class/net/br0/address) == "$mac" ]] || fail "not repaired"
	ra 0 stop
	# somebody else's keeps the one it has, too
	premade
	mac=$(cat /sys/class/net/br0/address)
	ra 0 start
	ip link set br0 address 02:00:00:00:00:55
	monitor 0
	[[ $(cat /sys/class/net/br0/address) == "$mac" ]] || fail "not repaired"
	ra 0 stop
	must_not grep -q vzha <(ip link show br0)
}

case_mtu_changed()
{
	ra 0 start mtu=1400
	ip link set br0 mtu 1300
	monitor 0 mtu=1400
	[[ $(cat /sys/class/net/br0/mtu) == 1400 ]] || fail "not repaired"
}

cases "$@"
