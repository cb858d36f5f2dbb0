#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge-ports.sh [CASE...]: what ports are like, and host ends that were told of on the link.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

is_isolated() { [[ $(cat "/sys/class/net/$1/brport/isolated") == "$2" ]]; }
is_hairpin() { [[ $(cat "/sys/class/net/$1/brport/hairpin_mode") == "$2" ]]; }

case_isolated_hairpin()
{
	host_end veth1.0
	ra 0 start 'isolated=veth[12].0' hairpin=veth2.0
	must wait_for 100 is_in veth1.0 br0
	host_end veth2.0
	host_end veth3.0
	must wait_for 100 is_in veth3.0 br0
	must wait_for 100 is_isolated veth1.0 1
	must wait_for 100 is_isolated veth2.0 1
	must is_isolated veth3.0 0
	must is_hairpin veth1.0 0
	must wait_for 100 is_hairpin veth2.0 1
	# behind our back
	echo 0 >/sys/class/net/veth2.0/brport/isolated
	echo 1 >/sys/class/net/veth3.0/brport/hairpin_mode
	monitor 0 'isolated=veth[12].0' hairpin=veth2.0
	must is_isolated veth2.0 1
	must is_hairpin veth3.0 0
	# a probe changes nothing
	echo 0 >/sys/class/net/veth2.0/brport/isolated
	ra 0 monitor 'isolated=veth[12].0' hairpin=veth2.0
	must is_isolated veth2.0 0
}

# Without a word about it, and in ports that others attached, everything stays as it is.
case_not_asked_for()
{
	ip link add dev0 type veth peer name x0
	ra 0 start
	host_end veth1.0
	ip link set dev0 master br0
	must wait_for 100 is_in veth1.0 br0
	for port in veth1.0 dev0; do
		echo 1 >/sys/class/net/$port/brport/isolated
	done
	monitor 0
	must is_isolated veth1.0 1
	monitor 0 isolated=veth2.0
	must is_isolated veth1.0 0
	must is_isolated dev0 1
}

case_reload()
{
	local pid carrier

	ra 0 start
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	carrier=$(cat /sys/class/net/veth1.0/carrier_changes)
	pid=$(watcher)
	ra 0 reload-agent
	[[ $(watcher) == "$pid" ]] || fail "a watcher that needs no change was changed"
	ra 0 reload-agent isolated='veth*' announce=1
	must is_isolated veth1.0 1
	must watcher
	[[ $(watcher) != "$pid" ]] || fail "the watcher does not know of it"
	host_end veth2.0
	must wait_for 100 is_in veth2.0 br0
	must wait_for 100 is_isolated veth2.0 1
	[[ $(cat /sys/class/net/veth1.0/carrier_changes) == "$carrier" ]] ||
		fail "the reload touched a running port"
	must is_in veth1.0 br0
}

# LXC makes up names; who knows the host end says so on the link.
case_told_on_the_link()
{
	local index

	ra 0 start
	ip link add dev0 type veth peer name e0 netns "$container"
	index=$(cat /sys/class/net/dev0/ifindex)
	ip link property add dev dev0 altname "vzha:want:br0:$index"
	ip link set dev0 up
	must wait_for 100 is_in dev0 br0
	ra 0 stop
	must_not is_in dev0 br0
	must marked dev0 "vzha:want:br0:$index"
	# it is still wanted there: also when it is told later than it is up, and of no other bridge
	ra 0 start
	must wait_for 100 is_in dev0 br0
	ip link add x0 type veth peer name e1 netns "$container"
	ip link set x0 up
	ip link property add dev x0 altname "vzha:want:br1:$(cat /sys/class/net/x0/ifindex)"
	sleep 0.3
	must_not is_in x0 br0
	ip link property add dev x0 altname "vzha:want:br0:$(cat /sys/class/net/x0/ifindex)"
	must wait_for 100 is_in x0 br0
	# told or not, it must be a host end
	ip link add br1 type bridge
	ip link property add dev br1 altname "vzha:want:br0:0"
	ip link set br1 up
	sleep 0.3
	must_not is_in br1 br0
}

# This kernel may have VLAN filtering or not: test/vm has one that does.
case_vlans_without_the_kernel()
{
	ip link add br1 type bridge
	if echo 1 2>/dev/null >/sys/class/net/br1/bridge/vlan_filtering; then
		ra 0 start 'vlans=veth1.0=10'
		return
	fi
	ra 1 start 'vlans=veth1.0=10'
	[[ $reason == *br0*vlan_filtering*kernel* ]] || fail "not a clear reason"
	ra 0 stop 'vlans=veth1.0=10'
	must_not exists br0
}

case_bad_values()
{
	local bad

	for bad in veth1.0 veth1.0= =10 veth1.0=0 veth1.0=4095 veth1.0=010 "veth1.0=10," veth1.0=10,10t \
		veth1.0=10,20 veth1.0=10x a/b=10 'veth1.0=10 veth2.0'; do
		ra 6 start "vlans=$bad"
		ra 0 stop "vlans=$bad"
	done
	ra 6 start vlans=veth1.0=10 vlan_filtering=false
	ra 6 start isolated=a/b
	ra 6 start hairpin=a/b
	ra 6 start announce=101
	ra 6 start announce_interval_ms=9
	must_not exists br0
}

ask_watcher()
{
	env PATH=/usr/sbin:/usr/bin:/bin "$@" python3 -c 'import socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect("\0vzha/veth-bridged/br0")
print(s.makefile().read())' 2>/dev/null
}

case_status()
{
	ra 0 start
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	ra 0 status
	grep -q '^bridge: made by vzha, watcher: running$' "$out" || fail "no bridge: $(cat "$out")"
	grep -q "^port: veth1.0, process $container (sleep), since 20" "$out" || fail "no port: $(cat "$out")"
	grep -q '^event: 20.* veth1.0 attached$' "$out" || fail "no event: $(cat "$out")"
	# only root is told
	[[ $(ask_watcher) == *event*attached* ]] || fail "root is not told"
	[[ ! $(ask_watcher setpriv --reuid 65534 --clear-groups) ]] || fail "told to anybody"
	# events that are older than what was done about them
	kill -STOP "$(watcher)"
	host_end veth2.0
	for _ in 1 2 3; do
		ip link set veth2.0 alias "a$_"
	done
	kill -CONT "$(watcher)"
	must wait_for 100 is_in veth2.0 br0
	sleep 0.2
	ra 0 status
	[[ $(grep -c '^event: .*veth2.0 attached$' "$out") == 1 ]] || fail "attached more than once"
	must_not grep -q 'veth2.0 left' "$out"
	# a stopped watcher must not make status hang
	kill -STOP "$(watcher)"
	ra 0 status
	grep -q '^port: veth1.0' "$out" || fail "no port: $(cat "$out")"
	kill -CONT "$(watcher)"
}

# The watcher lives on without agent and manager, and is taken as it is.
case_survives_its_starter()
{
	local pid

	setsid bash -c "OCF_RESKEY_bridge=br0 $agent start; kill -KILL 0" >/dev/null 2>&1
	must watcher
	pid=$(watcher)
	[[ $(ps -o ppid= -p "$pid") -eq 1 && $(ps -o sid= -p "$pid") -ne $(ps -o sid= -p $$) ]] ||
		fail "not in its own session"
	[[ $(readlink /proc/"$pid"/cwd) == / ]] || fail "its cwd"
	ra 0 start
	monitor 0
	[[ $(watcher) == "$pid" ]] || fail "another watcher"
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
}

link_local() { ip -6 -o addr show dev "$1" scope link -tentative | grep -o 'fe80[^/]*'; }
bound()
{
	exec env PATH=/usr/bin:/bin python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 5405, 0, socket.if_nametoindex(sys.argv[2])))
time.sleep(60)' "$1" "$2"
}
# 5405 is 0x151D
listed_as_bound() { grep -q 'FE80.*:151D ' /proc/net/udp6 || grep -q '000080FE.*:151D ' /proc/net/udp6; }
not_bound() { ! listed_as_bound; }

# Each of them is left as it is, and nothing is made.
case_uplink_refused()
{
	ip link add dev0 type veth peer name x0
	ip link set dev0 up
	ip link set x0 up
	ip addr add 192.0.2.1/24 dev dev0
	ra 1 start uplink=dev0
	[[ $reason == *dev0*address* ]] || fail "address: $reason"
	ip addr del 192.0.2.1/24 dev dev0
	ip -6 addr add 2001:db8::1/64 dev dev0 nodad
	ra 1 start uplink=dev0
	[[ $reason == *dev0*address* ]] || fail "IPv6 address: $reason"
	ip -6 addr del 2001:db8::1/64 dev dev0
	ip route add default dev dev0 metric 9999
	ra 1 start uplink=dev0
	[[ $reason == *dev0*route* ]] || fail "route: $reason"
	ip route del default dev dev0 metric 9999
	ip -6 route add default dev dev0 metric 9999
	ra 1 start uplink=dev0
	[[ $reason == *dev0*route* ]] || fail "IPv6 route: $reason"
	ip -6 route del default dev dev0 metric 9999
	# as a cluster's link may be: a program bound to the card's link-local address
	must wait_for 250 link_local dev0
	bound "$(link_local dev0)" dev0 &
	containers+=($!)
	must wait_for 250 listed_as_bound
	ra 1 start uplink=dev0
	[[ $reason == *dev0*link-local* ]] || fail "cluster link: $reason"
	kill "${containers[-1]}"
	must wait_for 250 not_bound
	ip link add br1 type bridge
	ip link set dev0 master br1
	ra 1 start uplink=dev0
	[[ $reason == *dev0*bridge* ]] || fail "master: $reason"
	must is_in dev0 br1
	ip link set dev0 nomaster
	must_not exists br0
	ra 0 start uplink=dev0
	must is_in dev0 br0
	ra 0 stop uplink=dev0
}

cases "$@"
