#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hundred.sh COUNT: many real LXC containers under a real Pacemaker on two namespaced nodes. All are
# started at once; a node loses its power when half of them run; the survivor ends with exactly one
# of each. None ever lives twice, none is lost, and what is stopped is gone.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/cluster.sh
. "$(dirname "$0")/../bed/node/cluster.sh"
count=${1-100}
CLUSTER_TOKEN=3000 # so many starts at once keep two cores busy

command -v lxc-start >/dev/null || bed_skip "no lxc-start"
bed_agents vz-container
bed_enter "$@"
bed_up

report()
{
	cluster_report "$1"
	tail -n 5 "$BED_LAB/twice"
}

step()
{
	local t=$((${EPOCHREALTIME/[.,]/} / 10000 - began))
	printf '%4d.%02d s  %s\n' $((t / 100)) $((t % 100)) "$*"
}
began=$((${EPOCHREALTIME/[.,]/} / 10000))

# One root file system for all: what is counted here is lives, not bytes.
make_containers()
{
	local dir=$BED_SHARE/lxc root=$BED_SHARE/lxc-root n
	mkdir -p "$dir" "$root"/{bin,dev,proc,sys,tmp}
	cp /bin/busybox "$root/bin/"
	ln -s busybox "$root/bin/sh"
	cat >"$root/init" <<-'EOT'
	#!/bin/sh
	trap 'exit 0' PWR
	/bin/busybox ip link set eth0 up
	while :; do /bin/busybox sleep 1000 & wait; done
	EOT
	chmod 755 "$root/init"
	for ((n = 1; n <= count; n++)); do
		mkdir "$dir/c$n"
		cat >"$dir/c$n/config" <<-EOT
		lxc.uts.name = c$n
		lxc.rootfs.path = dir:/lab/lxc-root
		lxc.rootfs.options = ro
		lxc.init.cmd = /init
		lxc.apparmor.profile = unconfined
		lxc.net.0.type = veth
		lxc.net.0.link = br0
		lxc.net.0.flags = up
		lxc.net.0.name = eth0
		EOT
	done
}

# Lines "CONTAINER NODE" of all that live
living()
{
	local file line
	for file in "$BED_CG"/node-*/lxc.payload.c*/cgroup.events; do
		{ read -r line <"$file"; } 2>/dev/null || continue
		[[ $line == "populated 1" ]] || continue
		file=${file#"$BED_CG"/node-}
		line=${file#*/lxc.payload.}
		line=${line%%/*}
		echo "${line%-*} ${file%%/*}"
	done
}

# Never two lives of one container, wherever
watch_lives()
{
	trap - EXIT INT TERM HUP
	local twice
	while sleep 0.1; do
		twice=$(living | sort | awk '$1 == last { print } { last = $1 }')
		[[ -z $twice ]] || echo "$EPOCHREALTIME: ${twice//$'\n'/, }"
	done
}

once()
{
	[[ ! -s $BED_LAB/twice ]] || bed_failed "a container lived twice"
}

# all_live [NODE]: exactly one of each, there
all_live()
{
	living | awk -v n="$count" -v node="${1-}" '{ seen[$1]++ } node != "" && $2 != node { wrong = 1 }
		END { for (c in seen) { different++; if (seen[c] > 1) wrong = 1 }
			print different + 0, "of", n, "live"; exit wrong || different != n }'
}

at_least()
{
	local lives
	lives=$(living | wc -l)
	echo "$lives live"
	((lives >= $1))
}

none_live()
{
	local lives
	lives=$(living)
	echo "$lives"
	[[ -z $lives ]]
}

idle()
{
	node_run "$1" crmadmin -qS "$1" 2>&1 | grep -q S_IDLE
}

configuration()
{
	local n
	for ((n = 1; n <= count; n++)); do
		cat <<-EOT
		primitive c$n ocf:vzha:vz-container params ctid=c$n engine=lxc lxcpath=/lab/lxc \\
			op start timeout=180s interval=0 op stop timeout=180s interval=0 \\
			op monitor interval=20s timeout=60s
		EOT
	done
	echo "rsc_defaults resource-stickiness=100 failure-timeout=60s target-role=Stopped"
}

target_role()
{
	node_run "$1" crm_attribute -t rsc_defaults -n target-role -v "$2" || bed_failed "cannot set target-role"
}

# After the power cut the survivor also stops what it had just begun: it must not count as failed.
quiet()
{
	cluster_quiet "$1" || bed_failed "$2: not everything is well"
	once
}

for node in node1 node2; do
	node_boot $node
	node_run $node ip link add br0 type bridge forward_delay 0 || bed_fail "no bridge"
	node_run $node ip link set br0 up
done
make_containers
cluster_conf node1 node2
power_up
watch_lives >"$BED_LAB/twice" 2>/dev/null &
disown
cluster_start node1 node2
cluster_wait 90 node1 node1 node2
out=$(configuration | node_run node1 crm configure load update - 2>&1) ||
	bed_failed "crm does not load $count containers: $out"
cluster_wait 120 node1 node1 node2
step "$count containers are configured"
at_least 1 && bed_failed "something lives before its time"

target_role node1 Started
bed_wait 120 at_least $((count / 2)) || bed_failed "they do not start"
lost=$(living | awk '{ n[$2]++ } END { print (n["node1"] > n["node2"] ? "node1" : "node2") }')
[[ $lost == node1 ]] && left=node2 || left=node1
step "$(living | wc -l) live; the power of $lost, which has $(living | grep -c "$lost"), is cut"
node_kill "$lost"
bed_wait 300 all_live "$left" || bed_failed "$left does not have one of each"
step "$left has one of each"
once
bed_wait 60 idle "$left" || bed_failed "the cluster does not come to rest"
quiet "$left" "after the power cut"
grep -q " off $lost\$" "$BED_SHARE/power/log" || bed_failed "$lost was not fenced"

# The monitors of all of them, and a node that comes back with nothing
node_boot "$lost"
node_run "$lost" ip link add br0 type bridge forward_delay 0
node_run "$lost" ip link set br0 up
cluster_start "$lost"
cluster_wait 120 "$left" node1 node2
all_live "$left" >/dev/null || bed_failed "the return of $lost moved something"
quiet "$left" "after the return of $lost"
step "$lost is back, and nothing moved"

# shellcheck disable=SC2016 # for the node's shell
node_sh "$left" 'kill -KILL "$(lxc-info -P /lab/lxc -pHn c7)"' || bed_failed "no init to kill"
bed_wait 90 all_live || bed_failed "a container that died is not started again"
node_run "$left" crm_resource --cleanup --resource c7 >/dev/null 2>&1
step "one that died lives again"

target_role "$left" Stopped
bed_wait 300 none_live || bed_failed "not all are stopped"
bed_wait 60 idle "$left" || bed_failed "the cluster does not come to rest"
once
node_run "$left" crm_mon -1rf 2>&1 | grep -E 'Failed|FAILED|UNCLEAN|blocked' && bed_failed "a stop failed"
step "all are stopped"
