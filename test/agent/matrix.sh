#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# matrix.sh AGENT: what an administrator's bad day does to probe, monitor and stop (C1, C2, C9):
# {all well, a missing tool, missing configuration, a wiped /run, a bad value, no identity}
# x {active, inactive}. A stop of what is inactive cannot fail, a stop of what is active cannot
# succeed without having stopped it, and nothing says 7 about what is active.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"

name=$1
fixture "$name"
hidden=/tmp/hidden
failures=0
rows=0
timeout=20000
quick_stop=params=none
case $name in
drbddisk)
	tools="/usr/sbin/drbdadm /usr/sbin/drbdsetup"
	config="/etc/drbd.conf /etc/drbd.d"
	bad=bring_up=maybe
	timeout=4000 # an unknown state takes a quarter of it, twice in a stop
	;;
vzroot-relocation)
	tools=/usr/bin/lxc-start
	config=/d0/vz/var/lib/lxc/ct101
	bad=require_mount=2
	;;
veth-bridge)
	tools=/usr/libexec/vzha
	config=/etc/machine-id
	bad=forward_delay=010
	;;
vz-container)
	tools=$(echo /usr/bin/lxc-*)
	config=/var/lib/lxc/ct101/config
	bad=start_wait=-1
	quick_stop=stop_mode=kill # between the rows
	;;
vz-container-vzctl)
	tools=/usr/sbin/vzctl
	config="/etc/vz/conf/101.conf /etc/vz/vz.conf"
	bad=start_wait=-1
	quick_stop=stop_mode=kill
	;;
esac

# What is so, asked of something else than the agent: active or inactive
truth()
{
	local is=
	case $name in
	drbddisk) [[ -e /run/drbd-stand-in.r0.primary ]] && is=active ;;
	vzroot-relocation) [[ -L /var/lib/lxc && $(realpath -m /var/lib/lxc) == /d0/vz/var/lib/lxc ]] && is=active ;;
	veth-bridge) [[ -d /sys/class/net/br0/bridge ]] && is=active ;;
	vz-container-vzctl) grep -q . /sys/fs/cgroup/vz-101/cgroup.procs 2>/dev/null && is=active ;;
	vz-container) grep -q . /sys/fs/cgroup/lxc.payload.ct101*/cgroup.procs 2>/dev/null && is=active ;;
	esac
	echo "${is:-inactive}"
}

# call ACTION PARAM=VALUE...: sets rc and out
call()
{
	local action=$1
	shift
	out=$(env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=$timeout OCF_RESKEY_crm_feature_set=3.16.1 \
		"${@/#/OCF_RESKEY_}" "$agent" "$action" 2>&1)
	rc=$?
}

# Puts the resource into a state, with everything in its place.
arrange()
{
	call stop "${params[@]}" "$quick_stop"
	[[ $1 == inactive ]] || call start "${params[@]}"
	[[ $rc == 0 && $(truth) == "$1" ]] || {
		echo "cannot make it $1: exit code $rc, it is $(truth): $out"
		exit 1
	}
}

hide()
{
	local path
	for path; do
		mkdir -p "$hidden$(dirname "$path")"
		# The directory of a mount point or of a running program may refuse to be renamed.
		cp -a "$path" "$hidden$path" && rm -rf "$path" || exit 1
	done
}

unhide()
{
	[[ ! -d $hidden ]] || cp -a "$hidden/." / || exit 1
	rm -rf "$hidden"
}

# Each row's time, for whoever finds this slow: VZHA_MATRIX_TIMES=1
report_time()
{
	[[ -z ${VZHA_MATRIX_TIMES-} ]] || echo "$1 ms: $condition $state $action"
}

# Some rows have an answer of their own, for the reason that is given.
allowed()
{
	case "$name $condition $state $action" in
	# The stand-in has no netlink: without drbdsetup nobody knows, and then nobody claims to.
	"drbddisk tool active probe" | "drbddisk tool active monitor" | "drbddisk tool active stop") echo 1 ;;
	"drbddisk tool inactive probe" | "drbddisk tool inactive monitor" | "drbddisk tool inactive stop") echo 1 ;;
	# The switch itself lies in /run: wiped, the node is passive, as after a boot.
	"vzroot-relocation run active probe" | "vzroot-relocation run active monitor") echo 7 ;;
	# It may say that it has to begin anew; never that there is no bridge.
	"veth-bridge run active monitor" | "veth-bridge tool active monitor") echo "0 1" ;;
	*" identity "*" probe") echo 7 ;;
	*" identity "*" monitor") echo 1 ;;
	*" stop") echo 0 ;;
	*" inactive "*) echo 7 ;;
	*) echo 0 ;;
	esac
}

# row CONDITION STATE ACTION
row()
{
	local condition=$1 state=$2 action=$3 before after began
	local -a with=("${params[@]}")

	rows=$((rows + 1))
	arrange "$state"
	# shellcheck disable=SC2086 # tools and config are lists
	case $condition in
	tool) hide $tools ;;
	config) hide $config ;;
	run) rm -rf /run/vzha /run/lxc ;;
	value) with+=("$bad") ;;
	identity) with=("${with[@]:1}") ;;
	esac
	before=$(truth)
	began=${EPOCHREALTIME/[.,]/}
	case $action in
	probe) call monitor "${with[@]}" ;;
	monitor) call monitor "${with[@]}" CRM_meta_interval=10000 ;;
	stop) call stop "${with[@]}" ;;
	esac
	after=$(truth)
	report_time $(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	judge
	unhide
}

judge()
{
	local reasons wanted=1

	reasons=$(grep -c ocf-exit-reason: <<<"$out")
	case $rc in
	0 | 7) wanted=0 ;;
	esac
	[[ " $(allowed) " == *" $rc "* ]] || bad_row "exit code $rc, wanted $(allowed)"
	[[ $reasons == "$wanted" ]] || bad_row "$reasons reasons with exit code $rc"
	[[ $action == stop || $before == "$after" ]] || bad_row "it was $before, and is $after"
	[[ $action != stop || $rc != 0 || $condition == identity || $after == inactive ]] ||
		bad_row "stop succeeded, and it is $after"
	[[ $condition != identity || $before == "$after" ]] || bad_row "changed without an identity"
}

bad_row()
{
	failures=$((failures + 1))
	echo "not ok: $condition, $state, $action: $*; it said: $out"
}

for condition in well tool config run value identity; do
	for state in active inactive; do
		for action in probe monitor stop; do
			row "$condition" "$state" "$action"
		done
	done
done
echo "$rows rows, $failures failed"
((failures == 0))
