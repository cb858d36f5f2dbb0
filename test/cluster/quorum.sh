#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Quorum before a start (G1), asked of real corosync: two nodes with wait_for_all, a minority of
# three, corosync that is not there and corosync that hangs. stop works in all of them, and what is
# refused is refused within bounds, with the reason, and with nothing changed.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/cluster.sh
. "$(dirname "$0")/../bed/node/cluster.sh"
bed_agents drbddisk vzroot-relocation veth-bridge vz-container
bed_enter "$@"
bed_up

failures=0
not_ok()
{
	echo "not ok: $*"
	failures=$((failures + 1))
}

# agent NODE AGENT ACTION [VARIABLE=VALUE...]: sets rc, out, took_ms; Pacemaker calls, if not said otherwise
agent()
{
	local node=$1 name=$2 action=$3 began=${EPOCHREALTIME/[.,]/}
	shift 3
	out=$(node_run "$node" env OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE="test-$name" \
		OCF_RESKEY_crm_feature_set=3.16.1 OCF_RESKEY_CRM_meta_timeout=20000 "$@" \
		"/usr/lib/ocf/resource.d/vzha/$name" "$action" 2>&1)
	rc=$?
	took_ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}

# refused NODE TEXT [VARIABLE=VALUE...]: start of every agent is, with TEXT in its one reason
refused()
{
	local node=$1 text=$2 name setting before
	shift 2
	before=$(node_run "$node" ip -o link)
	while read -r name setting; do
		agent "$node" "$name" start "OCF_RESKEY_$setting" "$@"
		[[ $rc == 1 && $out == *"ocf-exit-reason:"*"start refused:"*"$text"* &&
			$(grep -c ocf-exit-reason: <<<"$out") == 1 ]] ||
			not_ok "$node, $name: exit code $rc, wanted a refusal with \"$text\": $out"
		((took_ms < 6000)) || not_ok "$node, $name: refused only after $took_ms ms"
	done <<-'END'
	drbddisk drbd_resource=r0
	vzroot-relocation shared=/d0/vz
	veth-bridge bridge=br1
	vz-container ctid=101
	END
	[[ $before == "$(node_run "$node" ip -o link)" ]] || not_ok "$node: a refused start changed the links"
}

# works NODE ACTION [VARIABLE=VALUE...]: of the bridge br0
works()
{
	local node=$1 action=$2
	shift 2
	agent "$node" veth-bridge "$action" OCF_RESKEY_bridge=br0 OCF_RESKEY_watch=false "$@"
	[[ $rc == 0 ]] || not_ok "$node: $action of br0: exit code $rc: $out"
}

corosync_start()
{
	node_sh "$1" 'corosync >/var/log/corosync.out 2>&1 || { cat /var/log/corosync.*; exit 1; }' ||
		bed_fail "$1: corosync does not start"
}

quorate()
{
	node_run "$2" corosync-quorumtool -s 2>&1 | grep -q "^Quorate: *$1"
}

corosync_signal()
{
	# shellcheck disable=SC2016 # for the node's shell
	node_sh "$1" 'kill -'"$2"' "$(pidof corosync)"' || bed_fail "$1: no corosync to signal"
}

# Nothing to ask: allowed, unless it must be there (require; Pacemaker with a corosync.conf).
node_boot node1
works node1 start
works node1 stop
refused node1 "no corosync with votequorum runs here" OCF_RESKEY_quorum=require

node_boot node2
cluster_conf node1 node2
refused node1 "corosync does not run"
works node1 start OCF_RESKEY_quorum=ignore
works node1 monitor OCF_RESKEY_CRM_meta_interval=10000
works node1 start # it runs: there is nothing to refuse
works node1 stop
works node1 start OCF_RESKEY_crm_feature_set= # a person, drbd-reactor, ...
works node1 stop
# shellcheck disable=SC2016 # for the node's shell
node_sh node1 'd=/etc/ha.d/resource.d; mkdir -p $d && ln -sf /usr/lib/ocf/resource.d/vzha/veth-bridge $d &&
	export OCF_RESKEY_crm_feature_set=3.16.1 && $d/veth-bridge br0 start && $d/veth-bridge br0 stop' ||
	not_ok "node1: Heartbeat's start was refused"

# Two nodes: the first to boot waits for the other (wait_for_all); later it goes on alone.
corosync_start node1
bed_wait 20 quorate No node1 || exit 1
refused node1 "two_node and wait_for_all"
works node1 stop
corosync_start node2
bed_wait 30 quorate Yes node1 || exit 1
works node1 start OCF_RESKEY_quorum=require
works node1 stop
node_kill node2
works node1 start
works node1 stop
bed_wait 20 quorate Yes node1 || exit 1
works node1 start

# Corosync is there and says nothing.
corosync_signal node1 STOP
works node1 stop
works node1 stop
agent node1 veth-bridge monitor OCF_RESKEY_bridge=br0
[[ $rc == 7 ]] || not_ok "a probe beside a hanging corosync: exit code $rc: $out"
refused node1 "corosync does not answer, asked twice; restart it if it hangs, or set quorum=ignore"
node_run node1 pidof quorum-ask && not_ok "quorum-ask was left behind"
corosync_signal node1 CONT
bed_wait 20 quorate Yes node1 || exit 1
works node1 start
works node1 stop

# validate-all sees beforehand that Pacemaker and the agents will not agree (two nodes, no two_node).
node_sh node1 'sed -i "/two_node/d" /etc/corosync/corosync.conf; cd /var/lib/pacemaker/cib &&
	sed -i "s/<nvpair id=\"dc-deadtime\"/<nvpair id=\"nqp\" name=\"no-quorum-policy\" value=\"ignore\"\/>&/" cib.xml &&
	{ set -a; . /etc/default/pacemaker; setsid pacemakerd >/var/log/pacemakerd.out 2>&1 </dev/null & }'
bed_wait 30 node_run node1 crm_attribute -t crm_config -n no-quorum-policy -G -q || exit 1
agent node1 veth-bridge validate-all OCF_RESKEY_bridge=br0 OCF_CHECK_LEVEL=10
[[ $rc == 2 && $out == *"no-quorum-policy=ignore"*"two_node: 1"* ]] ||
	not_ok "validate-all does not find no-quorum-policy=ignore: exit code $rc: $out"
agent node1 veth-bridge validate-all OCF_RESKEY_bridge=br0 OCF_CHECK_LEVEL=10 OCF_RESKEY_quorum=ignore
[[ $rc == 0 ]] || not_ok "validate-all with quorum=ignore: exit code $rc: $out"
agent node1 veth-bridge validate-all OCF_RESKEY_bridge=br0
[[ $rc == 0 && -z $out ]] || not_ok "validate-all asks the cluster at level 0: exit code $rc: $out"

# Three nodes: the one that is cut off may stop things and start nothing.
node_kill node1
for node in node1 node2 node3; do
	node_boot "$node"
done
cluster_conf node1 node2 node3
for node in node1 node2 node3; do
	corosync_start "$node"
done
bed_wait 30 quorate Yes node3 || exit 1
works node3 start
node_cable node3 cut eth0
bed_wait 30 quorate No node3 || exit 1
bed_wait 30 quorate Yes node1 || exit 1
refused node3 "1 of 3 votes, 2 needed"
works node3 stop
works node1 start

((failures == 0))
