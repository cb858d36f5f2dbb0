#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317 # the cases are called by name
#
# veth-bridge.sh CASE...: the veth-bridge agent and its watcher against the kernel of a node.
#
# Containers are network namespaces here; real LXC ones are in other tests. Each case begins on a
# clean slate and is run in a node of its own, all of them one after the other without an argument.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

# shellcheck disable=SC2154 # case is the loop's, at the end
agent=/usr/lib/ocf/resource.d/vzha/veth-bridge
lock=/run/vzha/bridge/br0.lock
out=/tmp/veth-bridge.out
reason=

fail()
{
	echo "FAILED in $case: $*"
	[[ -z $reason ]] || echo "  last reason: $reason"
	ip -br link
	exit 1
}

# ra WANTED ACTION [NAME=VALUE...]: run the agent, its exit code must be WANTED
ra()
{
	local wanted=$1 action=$2 got
	local -a vars=()

	shift 2
	[[ $* == *bridge=* ]] || vars=(OCF_RESKEY_bridge=br0)
	env OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=bridge OCF_RESKEY_CRM_meta_timeout=20000 \
		OCF_RESKEY_crm_feature_set=3.16.1 "${vars[@]}" "${@/#/OCF_RESKEY_}" \
		"$agent" "$action" >"$out" 2>&1
	got=$?
	reason=$(grep '^ocf-exit-reason:' "$out" || true)
	[[ $got == "$wanted" ]] || {
		cat "$out"
		fail "$action: exit $got, not $wanted"
	}
	case $got in
	0 | 7) [[ -z $reason ]] || fail "$action: exit $got with a reason" ;;
	*) [[ $(grep -c '^ocf-exit-reason:' "$out") == 1 ]] || fail "$action: not one reason" ;;
	esac
}
monitor() { ra "$1" monitor CRM_meta_interval=10000 "${@:2}"; }

container_start()
{
	unshare -n sleep 600 &
	container=$!
	until [[ $(readlink /proc/$container/ns/net) != "$(readlink /proc/self/ns/net)" ]]; do
		sleep 0.01
	done
	containers+=("$container")
}

# host_end NAME: a veth whose other end is in the container, set up last, as LXC does
host_end()
{
	ip link add "$1" type veth peer name "e${1//[!0-9]/}" netns "$container" && ip link set "$1" up
}

master_of() { [[ -e /sys/class/net/$1/master ]] && basename "$(readlink "/sys/class/net/$1/master")"; }
watcher() { fuser_lock "$lock"; }
# the process that holds a record lock, out of /proc/locks
fuser_lock()
{
	local inode

	inode=$(stat -c %i "$1" 2>/dev/null) || return 1
	awk -v i=":$inode" '$2 == "POSIX" && substr($6, length($6) - length(i) + 1) == i { print $5; f = 1 }
		END { exit !f }' /proc/locks
}
wait_for()
{
	local tries=$1
	shift
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.02
	done
}
is_in() { [[ $(master_of "$1") == "$2" ]]; }
no_watcher() { ! watcher >/dev/null; }
must() { "$@" >/dev/null || fail "not so: $*"; }
must_not() { ! "$@" || fail "is so: $*"; }
exists() { [[ -e /sys/class/net/$1 ]]; }
marked() { ip link show "$1" | grep -q "altname $2\$"; }

clean_slate()
{
	local link

	for link in "${containers[@]}"; do
		kill -KILL "$link" 2>/dev/null
		wait "$link" 2>/dev/null
	done
	containers=()
	for link in br0 br1 x0 veth1.0 veth2.0 veth3.0 dev0; do
		ip link del "$link" 2>/dev/null
	done
	wait_for 100 no_watcher || fail "a watcher outlives its bridge"
	rm -rf /run/vzha/bridge
	container_start
}

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
	[[ $(cat $lock) == 'x*' ]] || fail "the watcher has the old patterns"
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
	rm -rf /run/vzha
	must wait_for 50 watcher
	monitor 0
	host_end veth1.0
	must wait_for 50 is_in veth1.0 br0
	rm -rf /run/vzha
	ra 0 stop
	must_not exists br0
	must wait_for 50 no_watcher
	[[ -z $(pgrep -x veth-bridged) ]] || fail "a watcher is left"
	must_not is_in veth1.0 br0
}

case_deleted_bridge()
{
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

[[ -x $agent ]] || {
	echo "no $agent: is VZHA_STAGE set and filled?" >&2
	exit 1
}
containers=()
if (($#)); then
	cases=("${@/#/case_}")
else
	mapfile -t cases < <(compgen -A function case_)
fi
for case in "${cases[@]}"; do
	clean_slate
	"$case"
	echo "ok $case"
done
case=end
clean_slate
kill -KILL "${containers[@]}"
