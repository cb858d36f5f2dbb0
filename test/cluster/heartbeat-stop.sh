#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2015,SC2016 # a && b || failed is meant; for the nodes' shell
#
# heartbeat-stop.sh [forever]: what Heartbeat makes of our texts and of a stop that takes its time.
#
# Its own ResourceManager says of each entry "owned" while the resource runs and when its state cannot
# be learnt, and "not owned" when it is stopped: after a failed stop, "owned" makes it reboot the node.
# Then somebody keeps the device open when the node is to give it away. While it is given back soon,
# nothing is rebooted. "forever": it never is, so that the node has to reboot, and the other one takes
# over only after that. DRBD is the stand-in of test/fake/drbd.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/heartbeat.sh
. "$(dirname "$0")/../bed/node/heartbeat.sh"
line="node1 drbddisk::r0 Filesystem::/dev/drbd0::/d0::ext4"

bed_agents drbddisk vzroot-relocation veth-bridge vz-container
command -v lxc-start >/dev/null || bed_skip "no lxc-start"
bed_enter "$@"
bed_up

report()
{
	heartbeat_report "$1"
}

# owned NODE RESOURCE CODE: by Heartbeat's own reading of our text: 0 owned, 3 not
owned()
{
	local rc
	node_run "$1" env OCF_ROOT=/usr/lib/ocf HA_CURHOST="$1" HA_LOGFILE=/dev/null HA_DEBUGLOG=/dev/null \
		/usr/share/heartbeat/ResourceManager status "$2" >/dev/null 2>&1
	rc=$?
	[[ $rc == "$3" ]] || bed_failed "$2: ResourceManager says $rc, not $3"
}

boot()
{
	node_boot "$1"
	node_sh "$1" 'mkdir -p /d0; "$1" /lab/drbd r0 /lab/r0.img /dev/drbd0' \
		"$VZHA_SOURCE_DIR/test/fake/drbd/install" || bed_fail "$1: no stand-in for DRBD"
}

texts()
{
	local entry
	local -a entries=(drbddisk::r0 vzroot-relocation::/d0/vz::/var/lib/lxc veth-bridge::br7 vz-container::ct7)

	for entry in "${entries[@]}"; do
		owned node1 "$entry" 3
	done
	node_sh node1 'set -e
		entries=/etc/ha.d/resource.d
		$entries/drbddisk r0 start
		mount /dev/drbd0 /d0
		mkdir -p /d0/vz/var/lib/lxc
		$entries/vzroot-relocation /d0/vz /var/lib/lxc start
		lxc-create -t busybox -n ct7
		sed -i "/^lxc.net/d; /^lxc.apparmor/d" /var/lib/lxc/ct7/config
		printf "%s\n" "lxc.apparmor.profile = unconfined" "lxc.net.0.type = empty" >>/var/lib/lxc/ct7/config
		$entries/veth-bridge br7 start
		$entries/vz-container ct7 start' >"$BED_LAB/started" 2>&1 || bed_failed "start: $(<"$BED_LAB/started")"
	for entry in "${entries[@]}"; do
		owned node1 "$entry" 0
	done
	# Neither the kernel nor DRBD's tools answer any more: nobody may take that for "stopped".
	node_sh node1 'mv /usr/sbin/drbdsetup /usr/sbin/drbdsetup.away
		printf "#!/bin/sh\nexit 20\n" >/usr/sbin/drbdsetup && chmod 755 /usr/sbin/drbdsetup'
	owned node1 drbddisk::r0 0
	node_sh node1 'mv /usr/sbin/drbdsetup.away /usr/sbin/drbdsetup
		entries=/etc/ha.d/resource.d
		$entries/vz-container ct7 stop && $entries/veth-bridge br7 stop && $entries/vzroot-relocation /d0/vz /var/lib/lxc stop &&
		umount /d0 && $entries/drbddisk r0 stop' >"$BED_LAB/stopped" 2>&1 || bed_failed "stop: $(<"$BED_LAB/stopped")"
	for entry in "${entries[@]}"; do
		owned node1 "$entry" 3
	done
}

# hold NODE: somebody has the device mounted elsewhere, too, and Filesystem does not know it. (The
# stand-in counts each loop device of its disk; this one goes when it is unmounted.)
hold()
{
	node_sh "$1" 'mkdir -p /mnt/held && loop=$(losetup -f --show /lab/r0.img) &&
		mount -o ro,noload "$loop" /mnt/held && losetup -d "$loop"' || bed_fail "cannot hold the device"
}

mounted()
{
	node_run "$1" grep ' /d0 ' /proc/self/mounts
}

unmounted()
{
	node_run "$1" cat /proc/self/mounts
	! mounted "$1" >/dev/null
}

truncate -s 256M "$BED_SHARE/r0.img" && mkfs.ext4 -qF "$BED_SHARE/r0.img" || bed_fail "no disk image"
boot node1
boot node2
for node in node1 node2; do
	for agent in drbddisk vzroot-relocation veth-bridge vz-container; do
		heartbeat_link "$node" "$agent" "/usr/lib/ocf/resource.d/vzha/$agent"
	done
done
texts
echo "texts: read as they are meant"

heartbeat_conf "$line" node1 node2
heartbeat_start node1 node2
bed_wait 60 mounted node1 || bed_failed "no start"
heartbeat_wait 30 node1 node2 || bed_failed "no Heartbeat"
hold node1
init=$(<"$BED_LAB/node/node1/pid")
heartbeat_standby node1 2>/dev/null
bed_wait 30 unmounted node1 || bed_failed "node1 does not give up"
if [[ ${1-} == forever ]]; then
	bed_wait 400 node_dead "$init" || bed_failed "node1 does not reboot although its device is open"
	bed_wait 60 mounted node2 || bed_failed "node2 does not take over after the reboot of node1"
	echo "held for ever: node1 rebooted itself, node2 took over"
	exit 0
fi
waits()
{
	node_run node1 grep 'not Secondary yet' /var/log/ha-log
}
bed_wait 30 waits || bed_failed "nobody waits for the device"
node_run node1 umount /mnt/held || bed_failed "the device is not held"
bed_wait 60 mounted node2 || bed_failed "node2 does not take over"
node_alive node1 && [[ $(<"$BED_LAB/node/node1/pid") == "$init" ]] || bed_failed "node1 was rebooted"
echo "held for a moment: node1 waited, node2 took over, nobody rebooted"
