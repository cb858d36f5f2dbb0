#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge.sh [CASE...]: the bridge, its settings, its uplink, and whose it is.

# shellcheck source-path=SCRIPTDIR source=veth-bridge-lib.sh
. "$(dirname "$0")/veth-bridge-lib.sh"

case_life()
{
	ra 7 monitor
	ra 0 start
	must marked br0 vzha:own:br0
	must watcher
	ra 0 start
	ra 0 monitor
	monitor 0
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	must marked veth1.0 vzha:port:veth1.0
	ra 0 status
	grep -q 'port: veth1.0' "$out" || fail "status does not name the port"
	ra 0 stop
	must_not exists br0
	must exists veth1.0
	must_not marked veth1.0 vzha:port:veth1.0
	[[ $(ip -br link show veth1.0) == *UP* ]] || fail "stop set the port down"
	must no_watcher
	ra 0 stop
	monitor 7
}

case_stable_address()
{
	local before

	ra 0 start
	before=$(cat /sys/class/net/br0/address)
	host_end veth1.0
	ip link set veth1.0 address 02:00:00:00:00:01
	must wait_for 100 is_in veth1.0 br0
	[[ $(cat /sys/class/net/br0/address) == "$before" ]] || fail "the address changed"
	ra 0 stop
	ra 0 start
	[[ $(cat /sys/class/net/br0/address) == "$before" ]] || fail "another address at each start"
	ra 0 stop
	ra 0 start mac=02:00:00:ab:cd:ef
	[[ $(cat /sys/class/net/br0/address) == 02:00:00:ab:cd:ef ]] || fail "mac="
}

case_settings()
{
	ra 0 start priority=100 ageing_time=60 multicast_snooping=false mtu=1400
	[[ $(cat /sys/class/net/br0/bridge/priority) == 100 ]] || fail priority
	[[ $(cat /sys/class/net/br0/bridge/ageing_time) == 6000 ]] || fail ageing
	[[ $(cat /sys/class/net/br0/bridge/forward_delay) == 0 ]] || fail forward_delay
	[[ $(cat /sys/class/net/br0/mtu) == 1400 ]] || fail mtu
	ip link set br0 type bridge forward_delay 1500 priority 7 stp_state 1
	ip link set br0 down
	monitor 0 priority=100
	[[ $(cat /sys/class/net/br0/bridge/forward_delay) == 0 ]] || fail "not repaired"
	[[ $(cat /sys/class/net/br0/bridge/priority) == 100 ]] || fail "not repaired"
	[[ $(cat /sys/class/net/br0/bridge/stp_state) == 0 ]] || fail "not repaired"
	[[ $(ip -br link show br0) == *[\<,]UP* ]] || fail "still down"
	ra 0 reload-agent priority=200 ports='x*'
	[[ $(cat /sys/class/net/br0/bridge/priority) == 200 ]] || fail "not reloaded"
	[[ $(head -n 1 $lock) == 'x*' ]] || fail "the watcher has the old patterns"
}

case_bad_values()
{
	ra 6 start bridge=averyverylongname
	ra 6 start stp=true forward_delay=1
	ra 6 start mac=01:00:00:00:00:01
	ra 6 start mac=rubbish
	ra 6 start ports=a/b
	ra 6 start priority=65536
	ra 7 monitor mac=rubbish
	ra 0 stop mac=rubbish
	ra 0 stop bridge=averyverylongname
	must_not exists br0
	must no_watcher
}

case_other_kind()
{
	local before

	ip link add br0 type veth peer name x0
	before=$(ip -d link show br0)
	ra 2 start
	ra 7 monitor
	ra 0 stop
	[[ $(ip -d link show br0) == "$before" ]] || fail "something changed"
}

case_bridge_of_others()
{
	ip link add br0 type bridge stp_state 1
	ip link add dev0 type veth peer name x0
	ip link set dev0 master br0
	ra 7 monitor
	ra 0 start
	must marked br0 vzha:use:br0
	[[ $(cat /sys/class/net/br0/bridge/stp_state) == 1 ]] || fail "STP of others switched off"
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	ra 0 stop
	must exists br0
	must is_in dev0 br0
	must_not is_in veth1.0 br0
	must_not marked br0 vzha:use:br0
	monitor 7
}

case_foreign_port()
{
	ra 0 start
	ip link add dev0 type veth peer name x0
	ip link set dev0 master br0
	host_end veth1.0
	must wait_for 100 is_in veth1.0 br0
	ra 0 start
	ra 0 stop
	must exists br0
	must is_in dev0 br0
	must_not is_in veth1.0 br0
	must_not marked br0 vzha:own:br0
	ra 7 monitor
}

case_renamed_bridge()
{
	ra 0 start
	ip link set br0 down
	ip link set br0 name br1
	monitor 7
	ra 1 start
	[[ $reason == *br1* ]] || fail "the reason does not name br1"
}

case_uplink()
{
	ip link add dev0 type veth peer name x0
	ip addr add 192.0.2.1/24 dev dev0
	ra 1 start uplink=dev0
	must_not exists br0
	[[ $reason == *dev0*address* ]] || fail "the reason does not say why"
	ip addr del 192.0.2.1/24 dev dev0
	ip link set dev0 up
	ip link set x0 up
	ip route add default dev dev0 metric 9999
	ra 1 start uplink=dev0
	must_not exists br0
	ip route del default dev dev0 metric 9999
	ra 1 start uplink=nosuch
	must_not exists br0
	ra 0 start uplink=dev0
	must is_in dev0 br0
	monitor 0 uplink=dev0
	ip link set dev0 nomaster
	monitor 0 uplink=dev0
	must is_in dev0 br0
	ra 0 stop uplink=dev0
	must exists dev0
	must_not exists br0
	must_not is_in dev0 br0
}

# SIGKILL at every request to the kernel: what is left is no obstacle, and stop leaves nothing
case_killed_anywhere()
{
	local i call

	host_end veth1.0
	for call in sendto ioctl; do
		for ((i = 1; i < 12; i++)); do
			env OCF_RESKEY_bridge=br0 OCF_RESKEY_watch=false \
				strace -qq -o /dev/null -e trace=$call \
				-e "inject=$call:signal=KILL:when=$i" "$agent" start 2>/dev/null
			((i % 2)) || ra 0 start watch=false
			((i % 3)) || env OCF_RESKEY_bridge=br0 strace -qq -o /dev/null -e trace=$call \
				-e "inject=$call:signal=KILL:when=$i" "$agent" stop 2>/dev/null
			ra 0 start watch=false
			must is_in veth1.0 br0
			ra 0 stop
			must_not exists br0
			must_not marked veth1.0 vzha:port:veth1.0
			[[ $(ip link) != *vzha* ]] || fail "$call $i: something is left"
		done
	done
	ip link property add dev veth1.0 altname vzha:port:veth1.0
	ra 0 stop
	must_not marked veth1.0 vzha:port:veth1.0
}

case_probe_reads_only()
{
	ra 0 start
	host_end veth1.0
	must wait_for 50 is_in veth1.0 br0
	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_bridge=br0 OCF_RESKEY_CRM_meta_timeout=20000 \
		strace -f -o /tmp/probe.trace "$agent" monitor || fail "probe: $?"
	must_not grep -E 'send.*RTM_(NEW|SET|DEL)|O_CREAT|O_WRONLY|O_RDWR|SIOCBR|mkdir|unlink|rename|fork|clone' \
		/tmp/probe.trace
}

cases "$@"
