#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# failover.sh: the article's cluster on two virtual machines with real DRBD, once with vzha's agents
# and once with the shell agents that do the same jobs (ocf:linbit:drbd as a promotable clone,
# symlink, iface-bridge, lxc); the same machines, disk, containers, fencing and token, in turn. Each
# run boots both nodes, moves everything from node1 to node2 (switchover), and cuts the power of
# node2 (failover). The outage is the longest gap between two answers to a ping from outside to mail,
# through the router. The outside host's neighbour table is flushed all the time: how soon it learns
# a router's new address by itself is not what is compared here.
#
#	BENCH_RUNS=N	runs of each (5)
#	BENCH_QUORUM	parameter quorum of vzha (auto); the shell agents have nothing like it: ignore
#	BENCH_STACKS	"vzha shell"; also: clone, vzha with drbddisk as a promotable clone

# shellcheck disable=SC2317 # functions are called through bed_wait
# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$BENCH_DIR/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/vm/article.sh
. "$BENCH_DIR/../bed/vm/article.sh"
vm_enter "$@"
: "${BENCH_RUNS:=5}" "${BENCH_STACKS:=vzha shell}" "${BENCH_QUORUM:=auto}"

# LXC attaches the host end itself: iface-bridge knows only ports that exist.
eval "plain_$(declare -f article_config)"
article_config()
{
	plain_article_config "$@"
	echo "lxc.net.0.link = br0"
}

# A primitive with the timeouts that both sides get.
primitive()
{
	local name=$1 agent=$2

	shift 2
	[[ $agent != ocf:vzha:* ]] || set -- "$@" "quorum=$BENCH_QUORUM"
	echo "primitive $name $agent params $* op start timeout=180s interval=0" \
		"op stop timeout=180s interval=0 op monitor interval=10s timeout=60s"
}

clone()
{
	cat <<-END
	primitive drbd $1 params drbd_resource=r0 \\
		op start timeout=240s interval=0 op stop timeout=100s interval=0 \\
		op promote timeout=90s interval=0 op demote timeout=90s interval=0 \\
		op notify timeout=90s interval=0 \\
		op monitor interval=10s role=Master timeout=60s \\
		op monitor interval=11s role=Slave timeout=60s
	ms drbd-clone drbd meta promoted-max=1 promoted-node-max=1 clone-max=2 clone-node-max=1 \\
		notify=true interleave=true
	group vz disk vzroot br0 meta priority=10
	colocation vz-with-drbd inf: vz drbd-clone:Master
	order drbd-then-vz Mandatory: drbd-clone:promote vz:start
	END
}

# stack NAME: the configuration
stack()
{
	local name

	article_fencing
	primitive disk ocf:heartbeat:Filesystem device=/dev/drbd0 directory=/d0 fstype=ext4
	case $1 in
	vzha | clone)
		primitive vzroot ocf:vzha:vzroot-relocation shared=/d0/vz paths=/var/lib/lxc device=/dev/drbd0
		primitive br0 ocf:vzha:veth-bridge bridge=br0
		for name in router mail dbms; do
			primitive $name ocf:vzha:vz-container ctid=$name engine=lxc
		done
		;;
	shell)
		primitive vzroot ocf:heartbeat:symlink link=/var/lib/lxc target=/d0/vz/var/lib/lxc \
			backup_suffix=.local
		primitive br0 ocf:heartbeat:iface-bridge bridge_name=br0 bridge_slaves=stub0
		for name in router mail dbms; do
			primitive $name ocf:heartbeat:lxc container=$name "config=/var/lib/lxc/$name/config"
		done
		;;
	esac
	case $1 in
	vzha)
		primitive drbd ocf:vzha:drbddisk drbd_resource=r0
		echo "group vz drbd disk vzroot br0 meta priority=10"
		;;
	clone) clone ocf:vzha:drbddisk | sed "s/drbd_resource=r0/& quorum=$BENCH_QUORUM/" ;;
	shell) clone ocf:linbit:drbd ;;
	esac
	cat <<-'END'
	order containers-after-vz Mandatory: vz ( router mail dbms )
	colocation containers-with-vz inf: ( router mail dbms ) vz
	location begin-on-node1 vz 10: node1
	rsc_defaults resource-stickiness=100 failure-timeout=30s
	END
}

ARTICLE_RESOURCES="disk vzroot br0 router mail dbms"

# boot STACK: both nodes from the first boot on, until everything runs on node1
boot()
{
	local node

	vm_power_off 1
	vm_power_off 2
	rm -rf "$VM_LAB"/node*
	vm_power_on 1
	vm_power_on 2
	vm_wait 1
	vm_wait 2
	article_drbd >/dev/null 2>&1 # it says what it waits for
	article_containers 1
	for node in 1 2; do
		# In favour of the shell agents: iface-bridge's stop fails where no port has a carrier ("no active
		# link-layer slaves"), as once the containers are gone, and each planned move would end with a shot.
		[[ $1 != shell ]] || vm_run $node ip link add stub0 up type veth peer name stub1
		[[ $1 != shell ]] || vm_run $node ip link set stub1 up
		article_node_starts $node
	done
	bed_wait 300 article_online 1 || bed_fail "no cluster of two nodes"
	stack "$1" | vm_put 1 /root/stack.crm
	vm_sh 1 'crm -F configure load update /root/stack.crm' >"$VM_LAB/crm.txt" 2>&1 ||
		bed_fail "crm: $(<"$VM_LAB/crm.txt")"
	article_wait 1 900 || bed_fail "$1: the resources do not start on node1"
	bed_wait 60 article_mail_answers || bed_fail "$1: mail does not answer"
}

ping_begins()
{
	(while :; do
		outside_run ip neigh flush dev eth0 2>/dev/null
		sleep 0.3
	done) &
	FLUSHER=$!
	outside_run ping -D -O -i 0.1 192.168.199.2 >"$VM_LAB/ping.txt" 2>&1 &
	PINGER=$!
	sleep 3
}

# The longest gap between two answers.
ping_ends()
{
	sleep 2
	kill "$PINGER" "$FLUSHER"
	wait "$PINGER" "$FLUSHER" 2>/dev/null
	gap=$(sed -n 's/^\[\([0-9.]*\)\] [0-9]* bytes from.*/\1/p' "$VM_LAB/ping.txt" |
		awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.2f", gap }')
}

# measure STACK: adds to $VM_LAB/STACK.switchover and .failover
measure()
{
	local gap

	boot "$1"
	ping_begins
	vm_run 1 crm_attribute -N node1 -n standby -v on >/dev/null
	article_wait 2 600 || bed_fail "$1: the resources do not move to node2"
	bed_wait 60 article_mail_answers || bed_fail "$1: mail does not answer on node2"
	ping_ends
	echo "$gap" >>"$VM_LAB/$1.switchover"
	vm_run 1 crm_attribute -N node1 -n standby -D >/dev/null
	bed_wait 300 both_ready "$1" || {
		cat "$VM_LAB/power.log" >&2
		vm_run 2 crm_mon -1rf >&2
		bed_fail "$1: node1 does not become ready again"
	}
	ping_begins
	vm_power_off 2
	article_wait 1 600 || bed_fail "$1: the resources do not come to node1"
	bed_wait 60 article_mail_answers || bed_fail "$1: mail does not answer on node1"
	ping_ends
	echo "$gap" >>"$VM_LAB/$1.failover"
	echo "  $1: switchover $(tail -n 1 "$VM_LAB/$1.switchover") s, failover $gap s; of its actions:" \
		"$(action_times)"
}

# How long the failover's actions took on node1, "drbd start 812 ms, ...": the last ones there. What is not
# among them is the same for both: detection, fencing, the cluster's own work.
action_times()
{
	vm_run 1 crm_mon -1 --output-as=xml --include=operations 2>/dev/null |
		awk -v RS='<' '/^node name=/ { here = /"node1"/ }
			/^resource_history / { split($0, field, "\""); id = field[2] }
			here && /^operation_history / && /task="(start|promote)"/ && match($0, /exec-time="[0-9]+/) {
				ms[id] = substr($0, RSTART + 11, RLENGTH - 11)
				task[id] = /task="start"/ ? "start" : "promote"
			}
			END {
				n = split("drbd disk vzroot br0 router mail dbms", ids, " ")
				for (i = 1; i <= n; i++)
					if (ids[i] in ms) printf("%s%s %s %d ms", (i > 1 ? ", " : ""), ids[i], task[ids[i]], ms[ids[i]])
			}'
}

# node1 has the replica and nothing is in transition.
both_ready()
{
	vm_sh 1 'grep -q "cs:Connected ro:Secondary/Primary ds:UpToDate/UpToDate" /proc/drbd' &&
		[[ $(vm_run 1 crmadmin -S node1) != *TRANSITION* ]] && sleep 3
}

figures()
{
	tr '\n' ' ' <"$VM_LAB/$1"
}

# In the node, as Pacemaker calls them: the monitors of the promoted role.
monitor_cost()
{
	vm_run 1 env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_drbd_resource=r0 OCF_RESOURCE_INSTANCE=drbd \
		OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_CRM_meta_timeout=60000 \
		OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_CRM_meta_promoted_node_max=1 \
		OCF_RESKEY_CRM_meta_clone_max=2 OCF_RESKEY_CRM_meta_clone_node_max=1 \
		OCF_RESKEY_CRM_meta_notify=true \
		/usr/local/bin/bench-pair -n "$1" -w 2 -x 8 "$2" /usr/lib/ocf/resource.d/vzha/drbddisk monitor \
		-- "$3" "${@:4}"
}

article_prepare
tree=$(mktemp -d "$VM_CACHE/tree.XXXXXX") && mkdir -p "$tree/usr/local/bin" || exit 1
install -m 755 "$BENCH_PAIR" "$BENCH_EMPTY" "$tree/usr/local/bin/"
vm_put_tree "$tree"
vm_up
vm_switch_up
for ((run = 1; run <= BENCH_RUNS; run++)); do
	for name in $BENCH_STACKS; do
		measure "$name"
	done
done
for what in switchover failover; do
	for name in $BENCH_STACKS; do
		echo "$what outages of $name: $(figures "$name.$what")s"
	done
	for name in $BENCH_STACKS; do
		[[ $name == shell || $BENCH_STACKS != *shell* ]] && continue
		# shellcheck disable=SC2046 # one word per figure
		bench_ratio "$what ($name)" s "$(bench_median $(figures "$name.$what"))" \
			"$(bench_median $(figures "shell.$what"))" 0.333
	done
done
vm_sh 1 'drbdadm primary r0' >/dev/null 2>&1
monitor_cost 20 "drbddisk monitor against ocf:linbit:drbd" /usr/lib/ocf/resource.d/linbit/drbd monitor
