# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# cluster.sh - corosync and Pacemaker in the nodes of bed.sh, with fencing
#
#	node_boot node1; node_boot node2
#	cluster_conf node1 node2	# corosync.conf, a first CIB, the fence agent; once
#	power_up			# the power switch, outside of the nodes
#	power_attach node1		# its drivers there; cluster_conf does that, too
#	cluster_start node1 node2
#	cluster_wait 60 node1 node1 node2	# node1 sees both online, and nothing is going on
#	node_run node1 crm configure load update - <file.crm
#	cluster_runs_on 20 RESOURCE node1	# there and nowhere else
#
# The machine's services are not involved: no systemd, no pcsd. crm and pcs work in a node.
# Fencing is a real power off (node_kill by the power switch), of a node that is reachable or not.
# For a fence agent that cannot, write "broken" to $BED_SHARE/power/mode.

CLUSTER_TOKEN=${CLUSTER_TOKEN-1000} # milliseconds; under 500 a busy machine loses members
# CLUSTER_COROSYNC_CONF: a file to be used as it is, in place of what is made here

cluster_corosync_conf()
{
	local node
	if [[ ${CLUSTER_COROSYNC_CONF-} ]]; then
		cat "$CLUSTER_COROSYNC_CONF"
		return
	fi
	cat <<-EOT
	totem {
		version: 2
		cluster_name: vzha
		transport: knet
		token: $CLUSTER_TOKEN
		crypto_cipher: none
		crypto_hash: none
	}
	quorum {
		provider: corosync_votequorum
		wait_for_all: 1
		$(($# == 2 ? 1 : 0)):
	}
	logging {
		to_syslog: no
		to_logfile: yes
		logfile: /var/log/corosync.log
		timestamp: hires
	}
	nodelist {
	EOT
	for node; do
		cat <<-EOT
		node {
			name: $node
			nodeid: ${node##*[!0-9]}
			ring0_addr: 10.77.0.${node##*[!0-9]}
		}
		EOT
	done
	echo "}"
}

# The first CIB: without it, the first formation waits 20 s for a DC that nobody will be.
cluster_cib()
{
	cat <<-EOT
	<cib validate-with="pacemaker-3.7" epoch="1" num_updates="0" admin_epoch="0">
	<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">
	<nvpair id="dc-deadtime" name="dc-deadtime" value="2s"/>
	<nvpair id="stonith-enabled" name="stonith-enabled" value="true"/>
	<nvpair id="stonith-action" name="stonith-action" value="off"/>
	</cluster_property_set></crm_config><nodes/><resources>
	<primitive id="fence" class="stonith" type="fence_lab">
	<instance_attributes id="fence-params">
	<nvpair id="fence-hosts" name="pcmk_host_list" value="$*"/>
	<nvpair id="fence-check" name="pcmk_host_check" value="static-list"/>
	</instance_attributes>
	</primitive></resources><constraints/></configuration><status/></cib>
	EOT
}

# cluster_conf NODE...: what an administrator would install and write on each node
cluster_conf()
{
	local node tool
	for tool in corosync pacemakerd crm_mon; do
		command -v "$tool" >/dev/null || bed_skip "no $tool"
	done
	for node; do
		cluster_corosync_conf "$@" | sed "s/^\t*1:$/two_node: 1/; /^\t*0:$/d" |
			node_sh "$node" 'mkdir -p /etc/corosync; cat >/etc/corosync/corosync.conf'
		cluster_cib "$@" | node_sh "$node" 'cd /var/lib/pacemaker/cib && rm -f ./* &&
			cat >cib.xml && chown hacluster:haclient cib.xml && chmod 600 cib.xml'
		power_attach "$node"
	done
}

# cluster_start NODE...: as the machine's boot would
cluster_start()
{
	local node
	for node; do
		node_sh "$node" 'corosync >/var/log/corosync.out 2>&1 || { cat /var/log/corosync.*
				exit 1; }
			set -a; . /etc/default/pacemaker; set +a
			setsid pacemakerd >/var/log/pacemakerd.out 2>&1 </dev/null &' ||
			bed_fail "$node: corosync does not start"
	done
}

cluster_online()
{
	local seen by=$1 node
	shift
	seen=$(node_run "$by" crm_mon -1 2>&1)
	echo "$seen"
	for node; do
		grep -Eq "Online: \[.* $node .*\]" <<<"$seen" || return 1
	done
	[[ $(node_run "$by" crmadmin -qD 2>&1) == *node* ]] || return 1
	node_run "$by" crmadmin -qS "$(node_run "$by" crmadmin -qD 2>/dev/null)" 2>&1 |
		grep -q S_IDLE
}

# cluster_wait SECONDS BY NODE...: until BY sees all these nodes online and the cluster idle
cluster_wait()
{
	local limit=$1
	shift
	bed_wait "$limit" cluster_online "$@" || bed_fail "no cluster of ${*:2}"
}

cluster_located()
{
	local seen
	seen=$(node_run "$2" crm_resource --resource "$1" --locate 2>&1)
	[[ $(sed -n 's/.*is running on: \([^ ]*\).*/\1/p' <<<"$seen") == "$2" ]] && return 0
	echo "$seen"
	node_run "$2" crm_mon -1rf 2>&1
	return 1
}

# cluster_runs_on SECONDS RESOURCE NODE: until NODE's cluster says it runs there, only there
cluster_runs_on()
{
	bed_wait "$1" cluster_located "$2" "$3"
}

# cluster_quiet BY: no failed action, no resource without a node
cluster_quiet()
{
	local seen
	seen=$(node_run "$1" crm_mon -1rf 2>&1)
	! grep -E 'Failed|FAILED|Stopped|UNCLEAN|fail-count|blocked' <<<"$seen" && return 0
	echo "$seen" >&2
	return 1
}

# cluster_report NODE: what is wrong, for bed_failed
cluster_report()
{
	node_run "$1" crm_mon -1rf | tail -n 60
	node_sh "$1" 'grep -hE "(warning|error):" /var/log/pacemaker/*.log | tail -20; tail -n 5 /var/log/corosync.log'
}

# power_up: the switch. Requests come as lines "ID VERB NODE" on a FIFO, the answer is a line
# on the FIFO answer.ID.
power_up()
{
	mkdir "$BED_SHARE/power"
	mkfifo -m 666 "$BED_SHARE/power/request"
	echo works >"$BED_SHARE/power/mode"
	power_switch >"$BED_SHARE/power/log" 2>&1 &
	disown
}

# power_attach NODE: what drives the switch, for Pacemaker and for classic Heartbeat
power_attach()
{
	node_run "$1" install -m 755 "$BED_DIR/fence_lab" /usr/sbin/
	node_run "$1" install -D -m 755 "$BED_DIR/stonith_lab" /usr/lib/stonith/plugins/external/lab
}

power_switch()
{
	trap - EXIT INT TERM HUP
	local id verb node in
	exec {in}<>"$BED_SHARE/power/request"
	while read -r -u "$in" id verb node; do
		echo "$EPOCHREALTIME $verb $node"
		if [[ $(<"$BED_SHARE/power/mode") == works ]] && power_do "$verb" "$node"; then
			echo ok >"$BED_SHARE/power/answer.$id"
		else
			echo failed >"$BED_SHARE/power/answer.$id"
		fi
	done
}

power_do()
{
	case $1 in
	off) node_kill "$2" ;;
	on) node_alive "$2" || (node_boot "$2") ;;
	reboot) node_kill "$2" && (node_boot "$2") ;;
	*) return 1 ;;
	esac
}
