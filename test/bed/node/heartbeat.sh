# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# heartbeat.sh - classic Heartbeat 3 (haresources) in the nodes of bed.sh
#
#	heartbeat_conf 'node1 drbddisk::r0 Filesystem::/dev/drbd0::/d0::ext4 ...' node1 node2
#	heartbeat_link node1 drbddisk /usr/lib/ocf/resource.d/vzha/drbddisk
#	heartbeat_start node1 node2	# takes 10 to 13 s until resources are taken
#	heartbeat_wait 20 node1 node2
#	heartbeat_standby node1		# gives everything away, in order
#
# Logs are in /var/log/ha-log of each node. heartbeat_conf configures no fencing.

# heartbeat_conf LINE NODE...: ha.cf, authkeys and haresources, the same on each node
heartbeat_conf()
{
	local line=$1 node
	shift
	[[ -x /etc/init.d/heartbeat ]] || bed_skip "no heartbeat"
	for node; do
		{
			printf '%s\n' 'logfile /var/log/ha-log' 'debugfile /var/log/ha-debug' \
				'logfacility none' 'keepalive 200ms' 'warntime 500ms' 'deadtime 1' \
				'initdead 2' 'udpport 694' 'auto_failback off' 'autojoin none' 'crm off'
			printf 'ucast eth0 10.77.0.%s\n' "${@##*[!0-9]}"
			echo "node $*"
		} | node_sh "$node" 'cat >/etc/ha.d/ha.cf'
		echo "$line" | node_sh "$node" 'cat >/etc/ha.d/haresources
			printf "auth 1\n1 sha1 lab\n" >/etc/ha.d/authkeys
			chmod 600 /etc/ha.d/authkeys'
	done
}

# heartbeat_link NODE NAME TARGET: the administrator's (or a package's) link in resource.d
heartbeat_link()
{
	node_run "$1" ln -sfn "$3" "/etc/ha.d/resource.d/$2"
}

# With the manual's remedy: without it a takeover is lost now and then.
heartbeat_start()
{
	local node
	for node; do
		node_sh "$node" 'bash -e -' <"${BASH_SOURCE[0]%/*}/../../cluster/heartbeat-messages.txt"
		node_sh "$node" 'rm -f /var/log/ha-log
			/etc/init.d/heartbeat start >/var/log/heartbeat.out 2>&1 </dev/null ||
			{ cat /var/log/heartbeat.out; exit 1; }' ||
			bed_fail "$node: heartbeat does not start"
	done
}

# heartbeat_wait SECONDS NODE...: until the node has taken part in handing out the resources.
# Before that a standby request remains unanswered.
heartbeat_wait()
{
	local limit=$1 node
	shift
	for node; do
		bed_wait "$limit" node_run "$node" grep -q 'Initial resource acquisition complete' \
			/var/log/ha-log || return 1
	done
}

heartbeat_standby()
{
	node_run "$1" /usr/share/heartbeat/hb_standby all
}

# heartbeat_report NODE: the end of its log, for bed_failed
heartbeat_report()
{
	node_run "$1" tail -n 40 /var/log/ha-log
}
