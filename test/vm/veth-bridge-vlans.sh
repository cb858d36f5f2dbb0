#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # for other shells
#
# veth-bridge-vlans.sh - the part of veth-bridge.sh that runs in the node

agent=/usr/lib/ocf/resource.d/vzha/veth-bridge
mac=02:00:00:00:00:0c
vlans='veth1.0=10 veth2.*=10,20t dev0=10t,20t,30t'
export OCF_ROOT=/usr/lib/ocf OCF_RESKEY_bridge=br0 OCF_RESKEY_uplink=dev0
export OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_crm_feature_set=3.16.1
export OCF_RESKEY_quorum=ignore # there is a corosync.conf, and no corosync
failures=0

ok()
{
	local what=$1

	shift
	if "$@" >/tmp/out 2>&1; then
		echo "ok: $what"
	else
		echo "not ok: $what: $*"
		sed 's/^/    /' /tmp/out
		bridge vlan show | sed 's/^/    /'
		failures=$((failures + 1))
	fi
}

wait_for()
{
	local until=$((SECONDS + 20))

	until "$@"; do
		((SECONDS < until)) || return 1
		sleep 0.1
	done
}

netns()
{
	unshare -n sleep 3000 &
	pid=$!
	until [[ $(readlink /proc/$pid/ns/net) != "$(readlink /proc/self/ns/net)" ]]; do
		sleep 0.02
	done
}
in_ns() { nsenter -t "$1" -n -- "${@:2}"; }

# vlans_of PORT: "10pu 20"
vlans_of()
{
	bridge -j vlan show dev "$1" | tr '{}' '\n' | awk -F '[:,]' '/"vlan":/ {
		v = $2
		if (/PVID/) v = v "p"
		if (/Untagged/) v = v "u"
		out = out (out ? " " : "") v
	} END { print out }'
}
has_vlans() { [[ $(vlans_of "$1") == "$2" ]]; }
action() { env "${@:2}" "$agent" "$1"; }
start() { action start "OCF_RESKEY_vlans=$vlans"; }
monitor() { action monitor OCF_RESKEY_CRM_meta_interval=10000 "OCF_RESKEY_vlans=$vlans"; }
pings() { in_ns "$1" ping -c 1 -W 2 "$2"; }
pings_not() { ! pings "$@"; }
learned() { in_ns "$outside" bridge fdb show br brx | grep -q "^$mac dev x0 vlan $1 "; }

modprobe -a bridge veth 8021q || exit 1
for i in 1 2 3; do
	netns
	ct[i]=$pid
done
netns
outside=$pid
ip link add dev0 type veth peer name x0 netns "$outside"
in_ns "$outside" bash -ec '
	ip link add brx type bridge vlan_filtering 1
	ip link set x0 master brx
	bridge vlan del dev x0 vid 1
	for id in 10 20 30; do
		bridge vlan add dev x0 vid $id
		bridge vlan add dev brx vid $id self
		ip link add link brx name brx.$id type vlan id $id
		ip addr add 10.0.$id.254/24 dev brx.$id
	done
	for link in x0 brx brx.10 brx.20 brx.30; do ip link set $link up; done'

host_end()
{
	ip link add "veth$1.0" type veth peer name eth0 netns "${ct[$1]}" address "$2"
	in_ns "${ct[$1]}" ip addr add "$3" dev eth0
	in_ns "${ct[$1]}" ip link set eth0 up
	ip link set "veth$1.0" up
}

ok "start with VLANs switches the filter on" start
((failures == 0)) || exit 1
ok "the filter is on" grep -q 1 /sys/class/net/br0/bridge/vlan_filtering
ok "uplink: tagged only, and not in VLAN 1" has_vlans dev0 "10 20 30"
host_end 1 $mac 10.0.10.1/24
ok "a host end without a tag" wait_for has_vlans veth1.0 "10pu"
ok "announced in its VLAN, with its tag" wait_for learned 10
ok "reaches outside" wait_for pings "${ct[1]}" 10.0.10.254
host_end 2 02:00:00:00:00:0d 10.0.10.2/24
ok "one with a second VLAN" wait_for has_vlans veth2.0 "10pu 20"
ok "the same VLAN reaches it" wait_for pings "${ct[1]}" 10.0.10.2
in_ns "${ct[2]}" bash -c 'ip link add link eth0 name eth0.20 type vlan id 20
	ip addr add 10.0.20.2/24 dev eth0.20; ip link set eth0.20 up'
ok "with a tag it is in the other" wait_for pings "${ct[2]}" 10.0.20.254
host_end 3 02:00:00:00:00:0e 10.0.10.3/24
ok "one that no entry fits stays in VLAN 1" wait_for has_vlans veth3.0 "1pu"
ok "and reaches no other" pings_not "${ct[3]}" 10.0.10.1

bridge vlan del dev veth1.0 vid 10
bridge vlan add dev veth1.0 vid 1 pvid untagged
bridge vlan del dev dev0 vid 20
ip link set br0 type bridge vlan_filtering 0
ok "monitor of what somebody changed" monitor
ok "the host end is back" has_vlans veth1.0 "10pu"
ok "the uplink is back" has_vlans dev0 "10 20 30"
ok "the filter is back" grep -q 1 /sys/class/net/br0/bridge/vlan_filtering
ok "and it works" wait_for pings "${ct[1]}" 10.0.10.254

changes=$(cat /sys/class/net/veth1.0/carrier_changes /sys/class/net/veth2.0/carrier_changes)
vlans=${vlans/veth1.0=10/veth1.0=30}
ok "reload" action reload-agent "OCF_RESKEY_vlans=$vlans"
ok "it moved to the other VLAN" has_vlans veth1.0 "30pu"
ok "which the others are not in" pings_not "${ct[1]}" 10.0.10.254
ok "no port was touched" test "$changes" = "$(cat /sys/class/net/veth[12].0/carrier_changes)"
ok "monitor with the new value" monitor
ip link del veth1.0
host_end 1 $mac 10.0.30.1/24
ok "made anew, it is where it was reloaded to" wait_for has_vlans veth1.0 "30pu"
ok "and announced there" wait_for learned 30

# An entry less: what it did is undone, on ports of ours only.
vlans=${vlans/veth1.0=30/}
ok "reload with an entry less" action reload-agent "OCF_RESKEY_vlans=$vlans"
ok "it is back in VLAN 1" has_vlans veth1.0 "1pu"
ok "the others are where they were" has_vlans veth2.0 "10pu 20"
ip link set br0 type bridge vlan_default_pvid 7
bridge vlan del dev veth1.0 vid 1 2>/dev/null
bridge vlan add dev veth1.0 vid 99
ok "monitor of one with a VLAN that no entry gives" monitor
ok "it is in the bridge's own" has_vlans veth1.0 "7pu"

ok "stop" action stop
ok "the bridge is gone" test ! -e /sys/class/net/br0
ok "the host ends are not" test -e /sys/class/net/veth1.0
((failures == 0))
