#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real Pacemaker on two namespaced nodes runs a real LXC container by vzroot-relocation,
# veth-bridge and vz-container: start, planned move, power cut, return. The container answers a
# client on the outside network, there is never a second copy, nothing failed; and when something
# is wrong, crm_mon says what.
#
# pacemaker.sh crm|pcs: the tool that loads the configuration

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/cluster.sh
. "$(dirname "$0")/../bed/node/cluster.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/container.sh
. "$(dirname "$0")/../bed/node/container.sh"
here=$(dirname "$(realpath "$0")")
tool=${1:-crm}
address=10.78.0.101

command -v lxc-start >/dev/null || bed_skip "no lxc-start"
command -v "$tool" >/dev/null || bed_skip "no $tool"
bed_agents vzroot-relocation veth-bridge vz-container
bed_enter "$@"
bed_up

report()
{
	cluster_report "$1"
	node_report "$1"
}

answers()
{
	client_run ping -c1 -W1 -n "$address" 2>&1
}

# on NODE SECONDS WHAT: the whole group runs there, there only, and the container answers
on()
{
	local resource began=$EPOCHREALTIME
	for resource in ct101 bridge root disk; do
		cluster_runs_on "$2" "$resource" "$1" || bed_failed "$3: $resource is not on $1"
	done
	bed_wait 10 answers || bed_failed "$3: the container does not answer"
	[[ $(container_copies ct101) == "$1" ]] ||
		bed_failed "$3: the container lives on: $(container_copies ct101)"
	container_once ct101 || bed_failed "$3"
	cluster_quiet "$1" || bed_failed "$3: not everything is well"
	printf '%s: on %s and answering after %d ms\n' "$3" "$1" \
		$(((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}) / 1000))
}

# fenced NODE TIMES
fenced()
{
	[[ $(grep -c " off $1\$" "$BED_SHARE/power/log") == "$2" ]] && return 0
	cat "$BED_SHARE/power/log"
	return 1
}

# failures RESOURCE COUNT: has the cluster counted that many?
failures()
{
	node_run "$first" crm_failcount -q -G -r "$1" -N "$first" 2>&1 | tee /dev/stderr |
		grep -qx "$2"
}

load_crm()
{
	node_run node1 crm configure load update - <"$here/containers.crm"
}

load_pcs()
{
	node_run node1 bash -e - <"$here/containers.pcs"
}

node_boot node1
node_boot node2
container_disk r0.img
container_make node1 r0.img ct101 "$address/24" br0
for node in node1 node2; do
	node_run "$node" mkdir -p /d0
done
cluster_conf node1 node2
power_up
container_watch ct101
cluster_start node1 node2
cluster_wait 60 node1 node1 node2

out=$("load_$tool" 2>&1) || bed_failed "$tool does not load the configuration: $out"
grep -v 'Defaults do not apply' <<<"$out" | grep -iE 'error|warning' &&
	bed_failed "$tool complains about the configuration"
first=
bed_wait 30 answers || bed_failed "the container does not start"
first=$(container_copies ct101)
[[ $first == node1 ]] && second=node2 || second=node1
on "$first" 30 "start"

node_run "$first" crm_attribute -N "$first" -n standby -v on || bed_failed "no standby"
on "$second" 60 "planned move"
node_run "$first" crm_attribute -N "$first" -n standby -D >/dev/null || bed_failed "not online again"
cluster_wait 30 "$second" node1 node2
on "$second" 10 "the other node back"

node_kill "$second"
on "$first" 60 "power cut of $second"
fenced "$second" 1 || bed_failed "$second was not fenced"

node_boot "$second"
cluster_start "$second"
cluster_wait 60 "$second" node1 node2
on "$first" 20 "return of $second"
node_run "$second" test ! -e /var/lib/lxc/ct101 || bed_failed "the passive node sees the container"

# The ring is cut, both machines live: the group's priority decides who shoots first.
node_run "$first" crm_attribute -n priority-fencing-delay -v 3s
node_cable "$first" cut eth0
bed_wait 20 fenced "$second" 2 || bed_failed "the cable is cut and nobody is fenced"
on "$first" 10 "cable cut, $second fenced"
fenced "$first" 0 || bed_failed "both were fenced"
node_cable "$first" join eth0
node_boot "$second"
cluster_start "$second"
cluster_wait 60 "$second" node1 node2
on "$first" 20 "second return of $second"

# shellcheck disable=SC2016 # for the node's shell
node_sh "$first" 'kill -KILL "$(lxc-info -pHn ct101)"' || bed_failed "no init to kill"
bed_wait 20 failures ct101 1 || bed_failed "nobody noticed that the container died"
bed_wait 20 answers || bed_failed "the container is not started again"
node_run "$first" crm_resource --cleanup --resource ct101 >/dev/null 2>&1
cluster_wait 20 "$first" node1 node2
on "$first" 20 "recovery of the container"

node_run "$first" crm_resource --resource bridge --set-parameter bridge --parameter-value eth0 \
	>/dev/null || bed_failed "cannot break the bridge"
reason_shown()
{
	local seen
	# On a terminal of 80 columns, as people look at it
	seen=$(node_run "$first" script -qec 'stty cols 80; crm_mon -1rf' /dev/null 2>&1 | tr -d '\r')
	echo "$seen"
	grep -q "bridge start on $first returned .*(.*eth0.*)" <<<"$seen"
}
bed_wait 60 reason_shown || bed_failed "no reason for the broken bridge in crm_mon"
echo "broken bridge: $(reason_shown | grep 'bridge start on')"
container_once ct101 || bed_failed "a broken bridge"
for node in node1 node2; do
	node_sh "$node" '! grep -h "active on [0-9]* nodes" /var/log/pacemaker/*.log' ||
		bed_failed "a probe on $node claimed what was not running"
done
