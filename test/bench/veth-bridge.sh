#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# veth-bridge beside what people use: many ports at once against ip and brctl, the monitor against
# ocf:heartbeat:iface-bridge; and the watcher's latency and memory over many re-creations.
# With the word churn only the latter, which fails when a host end was missed or memory grew.
# VZHA_CYCLES (10000) and VZHA_EVENTS (100000) for a quick look.

# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"
bench_node "$@"

: "${VZHA_CYCLES:=10000}" "${VZHA_EVENTS:=100000}"
programs=$VZHA_BINARY_DIR/test
export OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_CRM_meta_interval=10000
export OCF_RESKEY_crm_feature_set=3.16.1
agent=/usr/lib/ocf/resource.d/vzha/veth-bridge
theirs=/usr/lib/ocf/resource.d/heartbeat/iface-bridge

# links PREFIX FROM TO: pairs, both ends here
links()
{
	local i

	for ((i = $2; i <= $3; i++)); do
		echo "link add $1$i type veth peer name q$1$i"
		echo "link set $1$i up"
	done | ip -batch - || bench_fail "cannot make links"
}

attach()
{
	local i

	ip link add brp type bridge
	links p 1 1000
	for ((i = 1; i <= 1000; i++)); do
		echo "link set p$i master brp"
	done >/tmp/attach.ip
	for ((i = 1; i <= 1000; i++)); do
		echo "brctl addif brp p$i"
	done >/tmp/attach.sh
	bench_pair "attach 1000 ports, against ip -batch" -n 11 -W 1 -r "$programs/bench-attach brp out" \
		"$programs/bench-attach" brp in -- ip -batch /tmp/attach.ip
	bench_pair "attach 1000 ports, against brctl in a loop" -n 3 -r "$programs/bench-attach brp out" \
		"$programs/bench-attach" brp in -- sh /tmp/attach.sh
	ip link del brp
	for ((i = 1; i <= 1000; i++)); do
		echo "link del p$i"
	done | ip -batch -
}

# monitor N: the same number of ports in a bridge of each, their other ends in a container
monitor()
{
	local i slaves=

	for ((i = 1; i <= $1; i++)); do
		slaves+=" s$i"
		echo "link add veth$i.0 type veth peer name e$i netns $container"
		echo "link set veth$i.0 up"
		echo "link add s$i type veth peer name qs$i netns $container"
		echo "link set s$i up"
	done > >(ip -batch -)
	wait $!
	for ((i = 1; i <= $1; i++)); do
		echo "link set qs$i up"
	done | nsenter --net=/proc/$container/ns/net ip -batch -
	export OCF_RESKEY_bridge=br0 OCF_RESKEY_bridge_name=brs OCF_RESKEY_bridge_slaves="${slaves# }"
	until [[ $(ip -o link show master br0 | wc -l) == "$1" ]]; do sleep 0.1; done
	"$theirs" start >/dev/null 2>&1 || bench_fail "iface-bridge does not start"
	bench_pair "monitor of $1 ports, against iface-bridge" -n 20 -C 0.1 "$agent" monitor -- "$theirs" monitor
	bench_pair "monitor of $1 ports, against an empty program" -n 200 -W 1.7 "$agent" monitor -- "$BENCH_EMPTY"
	"$theirs" stop >/dev/null 2>&1
	for ((i = 1; i <= $1; i++)); do
		echo "link del s$i"
		echo "link del veth$i.0"
	done | ip -batch -
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$watcher/status"; }

churn()
{
	local before i noise

	watcher=$(pgrep -x veth-bridged)
	echo "watcher: $(rss) KiB RSS at the beginning"
	links n 1 4
	# others come, go and change meanwhile
	while :; do
		for i in 1 2 3 4; do
			echo "link set n$i alias a$RANDOM"
			echo "link add m$i type veth peer name mm$i"
			echo "link del m$i"
		done
		sleep 0.02
	done | ip -force -batch - &
	noise=$!
	"$programs/bench-churn" "$VZHA_CYCLES" "$container" || bench_fail "host ends were missed"
	kill $noise
	before=$(rss)
	for ((i = 0; i < VZHA_EVENTS / 2; i++)); do
		echo "link set n1 alias a$i"
		echo "link set n2 alias b$i"
	done | ip -batch -
	until [[ $(awk -v p="$watcher" '$3 == p { n += $5 } END { print n + 0 }' /proc/net/netlink) == 0 ]]; do
		sleep 0.1
	done
	bench_ratio "watcher's memory after and before $VZHA_EVENTS events" KiB "$(rss)" "$before" 1.05
	(($(rss) * 100 <= before * 105)) || bench_fail "the watcher's memory grew"
	bench_ratio "watcher's memory against its bar of 10 MiB" KiB "$(rss)" 10240 1
}

unshare -n sleep 36000 &
container=$!
until [[ $(readlink /proc/$container/ns/net) != "$(readlink /proc/self/ns/net)" ]]; do sleep 0.02; done
[[ ${1-} == churn ]] || attach
OCF_RESKEY_bridge=br0 "$agent" start || bench_fail "no bridge"
for n in 1 20 200; do
	[[ ${1-} == churn ]] || monitor $n
done
churn
OCF_RESKEY_bridge=br0 "$agent" stop
kill $container
