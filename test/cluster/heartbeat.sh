#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The article's cluster as it was: Heartbeat and one haresources line, with all four agents in it and
# the distribution's script vz among them (a stand-in that says what that one says; without it:
# article.sh).
# Two namespaced nodes; DRBD is the declared stand-in of test/fake/drbd, which lets one node at a
# time be Primary; its disk is an image that the stand-in's Primary may mount. The container
# answers a client outside; then the active node loses power; then it goes to standby gracefully.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/container.sh
. "$(dirname "$0")/../bed/node/container.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/heartbeat.sh
. "$(dirname "$0")/../bed/node/heartbeat.sh"
address=10.78.0.101
line="node1 drbddisk::r0 Filesystem::/lab/r0.img::/d0::ext4::loop \
vzroot-relocation::/d0/vz::/var/lib/lxc veth-bridge::br0 vz vz-container::ct101"

command -v lxc-start >/dev/null || bed_skip "no lxc-start"
bed_agents drbddisk vzroot-relocation veth-bridge vz-container
bed_enter "$@"
bed_up

report()
{
	heartbeat_report "$1"
	statuses "$1"
	node_report "$1"
}

answers()
{
	client_run ping -c1 -W1 -n "$address" 2>&1
}

# statuses NODE: what Heartbeat is told about each resource there
statuses()
{
	local resource
	for resource in "drbddisk r0" "vzroot-relocation /d0/vz /var/lib/lxc" "veth-bridge br0" \
		"vz-container ct101"; do
		# shellcheck disable=SC2086 # name and arguments
		echo "${resource%% *}: $(node_run "$1" env OCF_ROOT=/usr/lib/ocf \
			/etc/ha.d/resource.d/$resource status 2>&1)"
	done
}

# Every resource of the line runs on $1 by its own word, as ResourceManager reads it
owned()
{
	local seen
	seen=$(statuses "$1")
	echo "$seen"
	[[ $(grep -c ': *running' <<<"$seen") == 4 ]]
}

# None of it does. The bridge belongs to the machine's own configuration and stays.
released()
{
	local seen
	seen=$(statuses "$1")
	echo "$seen"
	[[ $(grep -c ': *stopped' <<<"$seen") == 4 ]]
}

# on NODE SECONDS WHAT
on()
{
	local began=$EPOCHREALTIME
	bed_wait "$2" answers || bed_failed "$3: the container does not answer"
	printf '%s: answering from %s after %d ms\n' "$3" "$(container_copies ct101)" \
		$(((${EPOCHREALTIME/[.,]/} - ${began/[.,]/}) / 1000))
	[[ $(container_copies ct101) == "$1" ]] || bed_failed "$3: the container is not on $1"
	bed_wait 5 owned "$1" || bed_failed "$3: $1 does not own everything"
	container_once ct101 || bed_failed "$3"
}

# A machine whose own configuration makes br0 at boot, with the outside NIC in it, and brings DRBD up
boot()
{
	node_boot "$1"
	node_sh "$1" 'ip link add br0 type bridge forward_delay 0 && ip link set br0 up &&
		ip link set eth1 master br0' || bed_fail "$1: no br0"
	node_run "$1" "$VZHA_SOURCE_DIR/test/fake/drbd/install" /lab/drbd r0 /lab/r0.img ||
		bed_fail "$1: no stand-in for DRBD"
}

# OpenVZ's init script loads modules and starts what has ONBOOT=yes, which nothing has here; when it
# stops, it stops every container that still runs, and its texts are for Heartbeat to read.
vz_script()
{
	node_sh "$1" 'cat >/etc/init.d/vz && chmod 755 /etc/init.d/vz' <<-'END'
	#!/bin/bash
	case $1 in
	start) echo "Starting OpenVZ: "; touch /run/vz.subsys ;;
	stop)
		echo "Stopping OpenVZ: "
		for name in $(lxc-ls --running 2>/dev/null); do
			echo "$name" >>/root/vz-stopped-it
			lxc-stop -n "$name"
		done
		rm -f /run/vz.subsys
		;;
	status) [[ -e /run/vz.subsys ]] && echo "OpenVZ is running..." || echo "OpenVZ is stopped." ;;
	esac
	END
}

boot node1
boot node2
container_disk r0.img
container_make node1 r0.img ct101 "$address/24" br0
for node in node1 node2; do
	node_run "$node" mkdir -p /d0
	vz_script "$node"
	# The distribution's drbddisk is replaced, as our package does when it is told to
	for agent in drbddisk vzroot-relocation veth-bridge vz-container; do
		heartbeat_link "$node" "$agent" "/usr/lib/ocf/resource.d/vzha/$agent"
	done
done
heartbeat_conf "$line" node1 node2
for node in node1 node2; do
	released "$node" >/dev/null || bed_failed "not everything is stopped before the start"
done

container_watch ct101
heartbeat_start node1 node2
on node1 40 "start"

node_kill node1
on node2 20 "power cut of node1"

boot node1
released node1 >/dev/null || bed_failed "node1 claims resources after its reboot"
heartbeat_start node1
heartbeat_wait 20 node1 || bed_failed "node1 does not come back"
on node2 5 "node1 is back, auto_failback off"

heartbeat_standby node2 2>/dev/null || bed_failed "no standby"
bed_wait 60 released node2 || bed_failed "node2 does not give up"
on node1 60 "standby of node2"
node_run node2 test ! -e /root/vz-stopped-it || bed_failed "vz had to stop a container: the order is wrong"

# Heartbeat cannot see its peer any more, DRBD can (a cable of its own): the other node tries to
# take over, is refused by drbddisk, and gives up. Nothing happens to the container.
node_cable node2 cut eth0
refused()
{
	node_run node2 tail -n 30 /var/log/ha-log
	node_run node2 grep -qE 'ERROR: Return code 1 from .*drbddisk' /var/log/ha-log
}
bed_wait 40 refused || bed_failed "cable cut: node2 was not refused"
bed_wait 10 released node2 || bed_failed "cable cut: node2 holds on to something"
node_run node2 grep -h "cannot become Primary" /var/log/ha-log || bed_failed "cable cut: no reason in the log"
on node1 1 "cable cut, takeover refused"
