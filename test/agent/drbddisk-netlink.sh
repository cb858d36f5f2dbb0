#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What drbddisk makes of the kernel's answers: those of DRBD 9, and those that a kernel gives only now and then.
# The kernel is the stand-in of test/fake/drbd/kernel.c; the real DRBD 8.4 is in the virtual machines.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

AGENT=/usr/lib/ocf/resource.d/vzha/drbddisk
CLONE=(OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_CRM_meta_clone_max=2 OCF_RESKEY_CRM_meta_clone_node_max=1
	OCF_RESKEY_CRM_meta_notify=true)
RECURRING=(OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_crm_feature_set=3.16.1)
memory=/run/vzha/standalone/r0
export VZHA_DRBD_KERNEL=/run/kernel
KERNEL=$VZHA_BINARY_DIR/test/fake-drbd-kernel.so
failures=0
[[ -e $KERNEL ]] || {
	echo "no $KERNEL"
	exit 1
}
rm -f /usr/sbin/drbdadm /usr/sbin/drbdsetup

# kernel VERSION ROLE DISK CONNECTIONS: what it has; connections as in kernel.c, separated by commas
kernel()
{
	rm -rf $VZHA_DRBD_KERNEL && mkdir $VZHA_DRBD_KERNEL
	set_to version "$1"
	set_to role "$2"
	set_to disk "$3"
	connections "$4"
}

set_to()
{
	echo "$2" >"$VZHA_DRBD_KERNEL/$1"
}

connections()
{
	tr , '\n' <<<"$1" >$VZHA_DRBD_KERNEL/connections
}

# agent ACTION [VARIABLE=VALUE...]: sets out and rc
agent()
{
	local action=$1

	shift
	out=$(env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_drbd_resource=r0 OCF_RESKEY_quorum=ignore \
		OCF_RESKEY_CRM_meta_timeout=8000 "$@" LD_PRELOAD="$KERNEL" \
		$AGENT "$action" 2>&1)
	rc=$?
}

# expect WHAT CODE [TEXT]: of the last call
expect()
{
	[[ $rc == "$2" && $out == *"${3-}"* ]] && echo "ok: $1" && return
	echo "not ok: $1: exit code $rc, expected $2 ${3-}"
	printf '    %s\n' "$out"
	failures=$((failures + 1))
}

# is WHAT TEXT EXPECTED
is()
{
	[[ $2 == "$3" ]] && echo "ok: $1" && return
	echo "not ok: $1: \"$2\", expected \"$3\""
	failures=$((failures + 1))
}

role()
{
	cat $VZHA_DRBD_KERNEL/role 2>/dev/null || echo down
}

# DRBD 9, connected.
kernel 2 2 9 "9 2 9"
agent monitor
expect "Secondary: stopped" 7
agent start
expect "start" 0
agent monitor
expect "running" 0
agent stop
expect "stop" 0
is "one request for each" "$(paste -sd' ' $VZHA_DRBD_KERNEL/log)" "14 15"
agent stop
is "stop of a Secondary asks all the same" "$(paste -sd' ' $VZHA_DRBD_KERNEL/log)" "14 15 15"
set_to refuse-15 -19
agent stop
expect "any answer will do for it" 0
is "asked once" "$(paste -sd' ' $VZHA_DRBD_KERNEL/log)" "14 15 15 15"
agent monitor OCF_RESKEY_drbd_resource=nothing
expect "what the kernel does not know by name" 7

# Answers that are none.
kernel 2 1 9 "9 2 9"
set_to early once
agent monitor
expect "the list of resources ended early" 0
set_to early always
agent monitor
expect "the list of resources never has it, but it is known by name" 1 "does not answer"
agent stop
expect "nor is that stopped" 1
rm $VZHA_DRBD_KERNEL/early
set_to dump-error 12
agent monitor
expect "a list that ends with an error" 1 "does not answer"
kernel 2 2 9 "9 2 9"
set_to short 1
set_to refuse-14 -2
agent start
expect "an answer that is cut off is none" 1 "drbd-utils is not installed"

# A promotion that outlives who asked for it.
kernel 1 2 8 "8 0 6"
set_to handler-s 7
agent start OCF_RESKEY_CRM_meta_timeout=3000
expect "a slow fence-peer handler: start gives up" 1 "not been decided"
agent stop OCF_RESKEY_CRM_meta_timeout=2500
expect "stop cannot vouch for it" 1 "may still be under way"
agent stop OCF_RESKEY_CRM_meta_timeout=20000
expect "stop with more time" 0
is "nothing comes after" "$(role)" 2
set_to handler-s 7
agent promote "${CLONE[@]}" OCF_RESKEY_CRM_meta_timeout=3000
expect "clone: promote gives up" 1 "not been decided"
agent demote "${CLONE[@]}" OCF_RESKEY_CRM_meta_timeout=2500
expect "clone: demote cannot vouch for it" 1 "may still be under way"
agent stop "${CLONE[@]}" OCF_RESKEY_CRM_meta_timeout=20000
expect "clone: stop with more time" 0
is "clone: down after it" "$(role)" down

# More than one peer: the Primary has died, the third is StandAlone.
kernel 2 2 9 "8 0 7,0 0 7"
agent start
expect "the peer is away, a third one StandAlone" 0
kernel 2 2 9 "0 0 7,0 0 7"
agent start
expect "StandAlone towards both" 1 "StandAlone"
kernel 2 1 9 "9 2 9,0 0 7"
agent monitor "${RECURRING[@]}"
agent monitor "${RECURRING[@]}"
expect "one of two StandAlone: told" 190 "one of its peers"

# What is remembered of a split brain.
kernel 2 2 9 "0 0 7"
agent stop
agent start
is "a plain resource's side is not remembered" "$(cat $memory 2>&1 | cut -c1-9)" "cat: /run"
agent monitor "${CLONE[@]}" "${RECURRING[@]}"
is "a clone's is" "$(cut -d' ' -f1 $memory)" Secondary
connections "8 0 7"
agent promote "${CLONE[@]}"
expect "taken down and up it is not promoted" 1 "rm its file"
agent monitor "${CLONE[@]}" "${RECURRING[@]}"
expect "and the monitor says so" 190 "rm its file"
connections "9 0 7"
agent monitor "${CLONE[@]}" "${RECURRING[@]}"
agent promote "${CLONE[@]}"
expect "nor while it shakes hands" 1 "rm its file"
connections "9 2 9"
agent monitor "${CLONE[@]}" "${RECURRING[@]}"
connections "8 0 7"
agent promote "${CLONE[@]}"
expect "connected since, it is" 0
connections "0 0 7"
agent demote "${CLONE[@]}"
is "the side in use, demoted" "$(cut -d' ' -f1 $memory)" Primary
agent monitor "${CLONE[@]}" "${RECURRING[@]}"
is "and monitored" "$(cut -d' ' -f1 $memory)" Primary
agent promote "${CLONE[@]}"
expect "may be promoted again" 0
agent demote "${CLONE[@]}" OCF_RESKEY_CRM_meta_notify_promoted_uname="$(uname -n) other"
is "not when there were two" "$(cut -d' ' -f1 $memory)" Secondary
echo "Primary $(($(cut -d' ' -f2 $memory) - 3700000))" >$memory
agent start
expect "nor after an hour" 1 "StandAlone"
echo "Primary $(($(cut -d. -f1 /proc/uptime) * 1000))" >$memory
agent notify "${CLONE[@]}" OCF_RESKEY_CRM_meta_notify_type=post OCF_RESKEY_CRM_meta_notify_operation=promote \
	OCF_RESKEY_CRM_meta_notify_promote_uname=other
is "nor when another one was promoted" "$(cut -d' ' -f1 $memory)" Secondary

# A stop whose DOWN is refused has disconnected: that is no split brain.
rm $memory
kernel 1 2 8 "9 2 8"
set_to refuse-27 -12
agent stop "${CLONE[@]}" OCF_RESKEY_CRM_meta_timeout=3000
expect "DOWN is refused" 1 "cannot be taken down"
is "nothing is remembered of that" "$(cat $memory 2>&1 | cut -c1-9)" "cat: /run"
echo "$failures failed"
exit $((failures > 0))
