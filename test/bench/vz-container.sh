#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container against the shell agents for the same containers: ocf:heartbeat:lxc on a real LXC
# container, ocf:heartbeat:ManageVE on the vzctl stand-in (its own time is in both sides' figures).
# And its monitor by itself: against an empty program, and with 1 or 500 containers on the node.
# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"
bench_node "$@"

OURS=/usr/lib/ocf/resource.d/vzha/vz-container
PEERS=/usr/lib/ocf/resource.d/heartbeat
COUNT=${BENCH_CONTAINERS-500}
export OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=bench OCF_RESKEY_crm_feature_set=3.16.1
export OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_CRM_meta_interval=10000

[[ -x $PEERS/lxc && -x $PEERS/ManageVE ]] || bench_fail "no ocf:heartbeat:lxc and ManageVE here (resource-agents)"

make_lxc()
{
	local dir=/var/lib/lxc/$1
	mkdir -p "$dir"/rootfs/{bin,dev,proc,sys,tmp}
	cp /bin/busybox "$dir/rootfs/bin/"
	ln -sf busybox "$dir/rootfs/bin/sh"
	printf '#!/bin/sh\ntrap "exit 0" PWR\nwhile :; do /bin/busybox sleep 1000 & wait; done\n' \
		>"$dir/rootfs/init"
	chmod 755 "$dir/rootfs/init"
	printf '%s\n' "lxc.uts.name = $1" "lxc.rootfs.path = dir:$dir/rootfs" "lxc.init.cmd = /init" \
		"lxc.apparmor.profile = unconfined" "lxc.net.0.type = empty" >"$dir/config"
}

make_vzctl()
{
	mkdir -p /etc/vz/conf /vz/{lock,dump,root} /vz/private/101/{bin,sbin,dev,proc,tmp}
	printf '%s\n' LOCKDIR=/vz/lock DUMPDIR=/vz/dump "VE_ROOT=/vz/root/\$VEID" \
		"VE_PRIVATE=/vz/private/\$VEID" >/etc/vz/vz.conf
	: >/etc/vz/conf/101.conf
	cp /bin/busybox /vz/private/101/bin/
	ln -sf busybox /vz/private/101/bin/sh
	printf '#!/bin/sh\ntrap "exit 0" USR2\nwhile :; do /bin/busybox sleep 1000 & wait; done\n' \
		>/vz/private/101/sbin/init
	printf '#!/bin/sh\nkill -USR2 1\n' >/vz/private/101/sbin/halt
	chmod 755 /vz/private/101/sbin/*
	install -m 755 "$VZHA_BINARY_DIR/test/fake-vzctl" /usr/sbin/vzctl
}

# What both agents get at once; each takes its own.
on_lxc()
{
	export OCF_RESKEY_ctid=c1 OCF_RESKEY_engine=lxc
	export OCF_RESKEY_container=c1 OCF_RESKEY_config=/var/lib/lxc/c1/config OCF_RESKEY_log=/run/lxc.log
	theirs=$PEERS/lxc
}

on_vzctl()
{
	export OCF_RESKEY_ctid=101 OCF_RESKEY_engine=vzctl OCF_RESKEY_veid=101
	theirs=$PEERS/ManageVE
}

# actions WHAT: the same actions by both, side by side
actions()
{
	"$OURS" stop
	bench_pair "$1: start" -n 20 -w 2 -r "$OURS stop >/dev/null 2>&1" "$OURS" start -- "$theirs" start
	bench_pair "$1: stop" -n 20 -w 2 -r "$OURS start >/dev/null 2>&1" "$OURS" stop -- "$theirs" stop
	"$OURS" start || bench_fail "$1 does not start"
	bench_pair "$1: monitor" -n 200 -C 0.1 "$OURS" monitor -- "$theirs" monitor
	"$OURS" stop
	bench_pair "$1: monitor, stopped" -n 200 -x 7 "$OURS" monitor -- "$theirs" monitor
}

many()
{
	local n
	for ((n = 2; n <= COUNT; n++)); do
		mkdir -p /var/lib/lxc/c$n
		sed "s/^lxc.uts.name.*/lxc.uts.name = c$n/" /var/lib/lxc/c1/config >/var/lib/lxc/c$n/config
		lxc-start -n c$n || bench_fail "container $n does not start"
	done
}

make_lxc c1
on_lxc
actions "LXC"
"$OURS" start
bench_pair "LXC: monitor against an empty program" -n 300 -W 1.7 "$OURS" monitor -- "$BENCH_EMPTY"
median()
{
	local i begin figures=()
	for ((i = 0; i < 300; i++)); do
		begin=${EPOCHREALTIME/[.,]/}
		"$OURS" monitor
		figures+=($((${EPOCHREALTIME/[.,]/} - begin)))
	done
	bench_median "${figures[@]}"
}
"$OURS" stop

make_vzctl
on_vzctl
actions "vzctl (stand-in)"
"$OURS" start
bench_pair "vzctl (stand-in): monitor against an empty program" -n 300 -W 1.7 "$OURS" monitor -- "$BENCH_EMPTY"
"$OURS" stop

on_lxc
"$OURS" start
one=$(median)
many
bench_ratio "LXC: monitor with $COUNT containers on the node (peer: with 1)" us "$(median)" "$one" 1.2
"$OURS" stop
