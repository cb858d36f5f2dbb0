#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The namespace bed checks itself: nodes boot, talk, form a cluster, lose power, are fenced,
# come back; containers are a node's own; nothing of the lab is left.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/cluster.sh
. "$(dirname "$0")/../bed/node/cluster.sh"
bed_enter "$@"
bed_up

step()
{
	local t=$((${EPOCHREALTIME/[.,]/} / 10000 - began))
	printf '%4d.%02d s  %s\n' $((t / 100)) $((t % 100)) "$*"
}
began=$((${EPOCHREALTIME/[.,]/} / 10000))

answers()
{
	client_run ping -c1 -W1 -n "$1" >/dev/null 2>&1
}

node_boot node1
node_boot node2
step "two nodes are up"
node_run node1 ping -c1 -W2 node2 >/dev/null || bed_fail "node1 does not reach node2"
answers 10.77.0.2 || bed_fail "the client does not reach node2"

node_cable node2 cut eth0
answers 10.77.0.2 && bed_fail "node2 answers through a cut cable"
node_cable node2 join eth0
bed_wait 10 answers 10.77.0.2 || exit 1

node_sh node1 'echo kept >/root/disk; echo lost >/run/memory'
node_run node2 test ! -e /root/disk || bed_fail "node2 sees node1's disk"

# shellcheck disable=SC2016 # for the node's shell
node_sh node1 'sh -c "setsid sleep 100 & echo \$! >/run/orphan"; kill -KILL "$(cat /run/orphan)"
	for i in {1..50}; do [[ -e /proc/$(cat /run/orphan) ]] || exit 0; sleep 0.1; done
	exit 1' || bed_fail "the init of a node does not reap orphans"
node_run node1 perl -e 'rename("/usr/share/man", "/root/man") or die "$!\n"' ||
	bed_fail "a directory of the lower layer cannot be renamed"

if command -v lxc-start >/dev/null; then
	node_sh node1 'lxc-create -t busybox -n ct1 >/dev/null &&
		sed -i "/lxc.net/d" /var/lib/lxc/ct1/config &&
		echo "lxc.net.0.type = empty" >>/var/lib/lxc/ct1/config &&
		lxc-start -n ct1 && lxc-info -sHn ct1 && lxc-stop -kn ct1 && lxc-start -n ct1' |
		grep -qx RUNNING || bed_fail "LXC does not work in node1"
	node_sh node2 'find /sys/fs/cgroup -name "lxc.*"' | grep . &&
		bed_fail "node2 sees node1's container"
	step "LXC works in a node"
fi

cluster_conf node1 node2
power_up
cluster_start node1 node2
cluster_wait 60 node1 node1 node2
step "cluster formed"
cluster_runs_on 20 fence node1 || cluster_runs_on 5 fence node2 || exit 1
node_run node1 crm configure primitive d1 ocf:heartbeat:Dummy op monitor interval=5s ||
	bed_fail "crm cannot configure"
node_run node1 pcs constraint location d1 prefers node1=100 || bed_fail "pcs cannot configure"
cluster_runs_on 20 d1 node1 || exit 1
step "crm and pcs configure; d1 runs on node1"

node_kill node1
answers 10.77.0.1 && bed_fail "node1 answers without power"
cluster_runs_on 30 d1 node2 || exit 1
grep -q ' off node1$' "$BED_SHARE/power/log" || bed_fail "node1 was not fenced"
step "power cut: fenced, d1 runs on node2"

node_boot node1
[[ $(node_run node1 cat /root/disk) == kept ]] || bed_fail "node1 lost its disk"
node_run node1 test ! -e /run/memory || bed_fail "node1's /run survived the power cut"
cluster_start node1
cluster_wait 60 node1 node1 node2
cluster_runs_on 20 d1 node1 || exit 1
step "node1 is back"

# shellcheck disable=SC2016 # for the node's shell
node_sh node2 'kill -STOP $(pidof corosync)'
bed_wait 30 grep -q ' off node2$' "$BED_SHARE/power/log" || exit 1
bed_wait 5 test ! -e "$BED_LAB/node/node2/pid" || exit 1
step "node2 hung: fenced by the power switch"

cgroup=$BED_CG
bed_down
bed_down
[[ ! -e $cgroup ]] || bed_fail "a cgroup is left"
left=$(pgrep -af 'corosync|pacemaker|lxc|infinity')
[[ -z $left ]] || bed_fail "processes are left: $left"
step "nothing is left"
