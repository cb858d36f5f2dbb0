#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge-announce.sh [CASE...]: a container comes up, and a second bridge behind the uplink, an
# outside host and another container hear where it is.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

mac=02:00:00:00:00:0c
old=02:00:00:00:00:99
seen=/tmp/seen
outside=

in_outside() { nsenter -t "$outside" -n -- "$@"; }
in_container() { nsenter -t "$container" -n -- "$@"; }

# dev0 is the uplink; x0, its other end, is a port of brx outside, and y0 is the way to the other node
outside_start()
{
	local ct=$container

	container_start
	outside=$container
	container=$ct
	ip link add dev0 type veth peer name x0 netns "$outside"
	in_outside bash -ec "
		ip link add brx type bridge
		ip link add y0 type veth peer name y1
		for l in x0 y0; do ip link set \$l master brx; done
		for l in brx x0 y0 y1; do ip link set \$l up; done
		ip addr add 192.0.2.254/24 dev brx
		ip -6 addr add 2001:db8::fe/64 dev brx nodad" || fail "no outside"
}

# listen PID LINK: what comes in there from the container, into $seen.LINK
listen()
{
	nsenter -t "$1" -n -- tcpdump -i "$2" -e -n -tt -l -U -Q in \
		"ether src $mac and (arp or rarp or (icmp6 and ip6[40] == 136) or vlan)" >"$seen.$2" 2>"$seen.$2.err" &
	containers+=($!)
	wait_for 250 grep -q listening "$seen.$2.err" || fail "tcpdump on $2"
}

container_up()
{
	ip link add veth1.0 type veth peer name eth0 netns "$container" address "$mac"
	in_container ip link set eth0 up
	ip link set veth1.0 up
}

count() { grep -c -- "$2" "$seen.$1"; }
heard() { (($(count "$1" "$2") >= $3)); }
# between the first and the last of these, at least so many ms
spread()
{
	grep -- "$2" "$seen.$1" | awk -v least="$3" 'NR == 1 { first = $1 } { last = $1 }
		END { exit !((last - first) * 1000 >= least) }'
}
forwards() { [[ $(cat "/sys/class/net/$1/brport/state") == 3 ]]; }
learned() { in_outside bridge fdb show br brx | grep -q "^$mac dev $1 "; }
neighbour() { in_outside ip neigh show "$1" | grep -q "lladdr $2"; }

case_frames_tables_neighbours()
{
	outside_start
	in_outside bridge fdb add "$mac" dev y0 master dynamic
	in_outside ip neigh replace 192.0.2.7 lladdr $old nud stale dev brx
	in_outside ip neigh replace 2001:db8::7 lladdr $old nud stale dev brx
	must learned y0
	listen "$outside" x0
	ra 0 start uplink=dev0
	must wait_for 250 forwards dev0
	container_up
	must wait_for 250 learned x0
	in_container ip addr add 192.0.2.7/24 dev eth0
	in_container ip -6 addr add 2001:db8::7/64 dev eth0
	must wait_for 250 neighbour 192.0.2.7 $mac
	must wait_for 250 neighbour 2001:db8::7 $mac
	wait_for 250 heard x0 'tgt is 2001:db8::7' 3 || fail "advertisements"
	sleep 0.5
	[[ $(count x0 'Reverse Request who-is 02:00:00:00:00:0c') == 3 ]] || fail "RARP"
	[[ $(count x0 'Request who-has 192.0.2.7 tell 192.0.2.7') == 3 ]] || fail "ARP requests"
	[[ $(count x0 'Reply 192.0.2.7 is-at 02:00:00:00:00:0c') == 3 ]] || fail "ARP replies"
	[[ $(count x0 'tgt is 2001:db8::7') == 3 ]] || fail "advertisements"
	# announced when it is sure to be nobody else's: link-local ones, too
	must wait_for 250 heard x0 'tgt is fe80::' 3
	must spread x0 'who-has 192.0.2.7' 300
	must spread x0 'tgt is 2001:db8::7' 300
}

case_not_into_the_container()
{
	local ct=$container other

	container_start
	other=$container
	container=$ct
	ip link add veth2.0 type veth peer name eth1 netns "$other"
	nsenter -t "$other" -n -- ip link set eth1 up
	ip link set veth2.0 up
	ra 0 start announce=2 announce_interval_ms=100
	must wait_for 100 is_in veth2.0 br0
	listen "$other" eth1
	in_container ip link set lo up
	ip link add veth1.0 type veth peer name eth0 netns "$container" address "$mac"
	in_container ip link set eth0 up
	listen "$container" eth0
	in_container ip addr add 192.0.2.7/24 dev eth0
	ip link set veth1.0 up
	must wait_for 250 heard eth1 'Reply 192.0.2.7 is-at' 2
	sleep 0.3
	[[ $(count eth1 Reverse) == 2 ]] || fail "RARP: not twice"
	[[ ! -s $seen.eth0 ]] || fail "the container heard of itself: $(cat $seen.eth0)"
}

# The uplink's cable is plugged in a little later.
case_uplink_comes_later()
{
	outside_start
	in_outside ip link set x0 down
	ra 0 start uplink=dev0
	container_up
	in_container ip addr add 192.0.2.7/24 dev eth0
	must wait_for 100 is_in veth1.0 br0
	sleep 1 # all rounds are over, and nobody heard them
	in_outside bridge fdb add "$mac" dev y0 master dynamic
	in_outside ip link set x0 up
	must wait_for 250 learned x0
}

case_isolated_hear_nothing()
{
	local ct=$container other

	outside_start
	container_start
	other=$container
	container=$ct
	ip link add veth2.0 type veth peer name eth1 netns "$other"
	nsenter -t "$other" -n -- ip link set eth1 up
	ip link set veth2.0 up
	ra 0 start uplink=dev0 'isolated=veth*'
	must wait_for 100 is_in veth2.0 br0
	listen "$other" eth1
	listen "$outside" x0
	must wait_for 250 forwards dev0
	container_up
	must wait_for 250 heard x0 Reverse 3
	[[ ! -s $seen.eth1 ]] || fail "an isolated port heard of another one"
}

case_never()
{
	outside_start
	listen "$outside" x0
	ra 0 start uplink=dev0 announce=0
	container_up
	in_container ip addr add 192.0.2.7/24 dev eth0
	must wait_for 100 is_in veth1.0 br0
	sleep 1
	[[ ! -s $seen.x0 ]] || fail "announced"
}

# A kernel that knows neither strict requests nor other namespaces' events: by way of a process there.
case_old_kernel()
{
	outside_start
	listen "$outside" x0
	env OCF_RESKEY_bridge=br0 OCF_RESKEY_uplink=dev0 "$VZHA_BINARY_DIR/test/old-kernel" \
		"$agent" start >"$out" 2>&1 || fail "start: $(cat "$out")"
	container_up
	in_container ip addr add 192.0.2.7/24 dev eth0
	must wait_for 250 heard x0 'Reply 192.0.2.7 is-at' 3
	ra 0 status
	grep -q 'event: .*no events about' "$out" || fail "the kernel was not old enough"
}

# The address that carries a container's carrier: it comes back, and so do the announcements.
case_carrier_returns()
{
	outside_start
	listen "$outside" x0
	ra 0 start uplink=dev0 announce=1
	must wait_for 250 forwards dev0
	container_up
	must wait_for 250 heard x0 Reverse 1
	in_container ip link set eth0 down
	must wait_for 250 not_forwarding veth1.0
	sleep 0.2
	in_container ip link set eth0 up
	must wait_for 250 heard x0 Reverse 2
}
not_forwarding() { ! forwards "$1"; }

cases "$@"
