#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2046 # called through check and eventually
#
# vz-container on a whole Debian with systemd as its init, run by LXC: it boots for seconds, stops its
# services in order, reboots and powers itself off, all of which busybox only pretends to do.

if [[ ! -e /run/vzha-node ]]; then
	# Before the node begins, which has no network to make it with.
	# shellcheck source-path=SCRIPTDIR source=../package/root.sh
	. "$(dirname "$0")/../package/root.sh"
	root_image || exit 1
	export VZHA_CT_ROOT=$ROOT_IMAGE
fi
# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"
# shellcheck source-path=SCRIPTDIR source=vz-container-on-lxc.sh
. "$(dirname "$0")/vz-container-on-lxc.sh"

ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up
root=/var/lib/lxc/mail/rootfs
mkdir -p $root /run/ct && mount -t tmpfs ct /run/ct && mkdir /run/ct/upper /run/ct/work
mount -t overlay -o "lowerdir=$VZHA_CT_ROOT,upperdir=/run/ct/upper,workdir=/run/ct/work" root $root ||
	fail "no root"
cat >$CONF <<-'END'
	lxc.include = /usr/share/lxc/config/common.conf
	lxc.apparmor.profile = unconfined
	lxc.uts.name = mail
	lxc.tty.max = 0
	lxc.tty.dir =
	lxc.rootfs.path = dir:/var/lib/lxc/mail/rootfs
	lxc.init.cmd = /lib/systemd/systemd
	lxc.net.0.type = veth
	lxc.net.0.link = br0
	lxc.net.0.flags = up
	lxc.net.0.ipv4.address = 10.9.0.2/24
END
# Two services: one that takes its time to write down what it has, one that cannot be stopped.
mkdir -p $root/etc/systemd/system/basic.target.wants
cat >$root/etc/systemd/system/mail.service <<-'END'
	[Unit]
	Description=A mail server
	[Service]
	ExecStart=/bin/sh -c 'echo started >>/var/mail.log; exec sleep infinity'
	ExecStop=/bin/sh -c 'sleep 1; echo stopped >>/var/mail.log'
END
cat >$root/etc/systemd/system/deaf.service <<-'END'
	[Service]
	ExecStart=/bin/sh -c 'trap "" TERM; while :; do sleep 1; done'
	TimeoutStopSec=infinity
	SendSIGHUP=no
END
ln -s ../mail.service $root/etc/systemd/system/basic.target.wants/
ln -sf /lib/systemd/system/basic.target $root/etc/systemd/system/default.target
# What the image has for its own purposes.
for unit in corosync pacemaker heartbeat lxc lxc-net lxc-monitord drbd ldconfig; do
	ln -sf /dev/null $root/etc/systemd/system/$unit.service
done
: >$root/etc/machine-id

# systemd puts its own process, too, into a group below the container's.
members()
{
	cat $(find "/sys/fs/cgroup/$1" "/sys/fs/cgroup/$1"-[0-9]* -name cgroup.procs 2>/dev/null) /dev/null
}
ct_init()
{
	local pid
	pid=$(monitor_pid) && pgrep -P "$pid" -x systemd
}
log_is()
{
	[[ $(tr '\n' ' ' <$root/var/mail.log) == "$1" ]]
}
ready() { ct_exec "systemctl is-active -q mail"; }
health='OCF_RESKEY_health_command=systemctl is-active mail'

story "boots; monitored at each level; its services are stopped in order"
want start 0 OCF_CHECK_LEVEL=0
one_init
check "its init is systemd" grep -qx systemd "/proc/$(ct_init)/comm"
eventually "its service runs" ready
want monitor 0
want monitor 0 OCF_CHECK_LEVEL=10
want monitor 0 OCF_CHECK_LEVEL=20 "$health"
ct_exec "systemctl stop mail"
want monitor 1 "is not healthy: exit code 3: inactive" OCF_CHECK_LEVEL=20 "$health"
ct_exec "systemctl start mail"
stopped
check "asked, it stops in $ms ms" test "$ms" -lt 15000
check "its service was stopped: $(<$root/var/mail.log)" log_is "started stopped started stopped "

story "start waits until its service is up"
rm $root/var/mail.log
want start 0 "" "$health"
check "it is up" ready

story "reboots itself: at no time is it taken for stopped"
before=$(ct_init)
ct_exec "systemctl reboot" >/dev/null 2>&1
for i in {1..60}; do
	want monitor 0
	now=$(ct_init)
	[[ ! $now || $now == "$before" ]] || break
	sleep 0.2
done
check "it has another init: $before, $now" test -n "$now" -a "$now" != "$before"
eventually "its service runs again" ready
check "it was stopped in order: $(<$root/var/mail.log)" log_is "started stopped started "
one_init
stopped

story "init killed: stopped, and it starts again"
want start 0 "" "$health"
kill -KILL "$(ct_init)"
eventually "all is gone" ct_all_gone
want monitor 7
want start 0 "" "$health"

story "powers itself off"
ct_exec "systemctl poweroff" >/dev/null 2>&1
eventually "all is gone" ct_all_gone
want monitor 7
want stop 0

story "a service that cannot be stopped, and little time"
want start 0 "" "$health"
ct_exec "systemctl start deaf"
want stop 0 OCF_RESKEY_CRM_meta_timeout=8000
check "within its time: $ms ms" test "$ms" -lt 8000
want monitor 7
check "nobody is left" gone $GROUP
