#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vzroot-relocation under SIGKILL (C4, R2): start and stop are ended before each of their system calls
# that may change something, one after the other, from several beginnings. Then start, or stop, or
# a reboot and start must bring everything in order: no file lost, no tree in two halves, no path
# that is missing or dangles, and what lies on the shared tree untouched.
# shellcheck disable=SC2086,SC2181,SC2231,SC2317 # P and Q have no blanks; functions are called by their names

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

AGENT=/usr/lib/ocf/resource.d/vzha/vzroot-relocation
KILL_AT=${VZHA_BINARY_DIR:?}/test/kill-at
P=/srv/ct
A=/srv/.ct
Q=/srv/conf/one.conf
B=/srv/conf/.one.conf
failures=0
kills=0

act()
{
	out=$(env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=20000 HA_LOGFACILITY=none \
		OCF_RESKEY_shared=/d0/vz "OCF_RESKEY_paths=$P $Q" "$AGENT" "$1" 2>&1)
}

# The same, but killed before call number $2. Return: 137 killed, else it came to its end.
act_killed()
{
	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=20000 HA_LOGFACILITY=none \
		OCF_RESKEY_shared=/d0/vz "OCF_RESKEY_paths=$P $Q" \
		"$KILL_AT" "$2" "$AGENT" "$1" >/dev/null 2>&1
}

wrong()
{
	echo "not ok: $where: $*"
	printf '    %s\n' "$out" "$(ls -ld /srv/* /srv/conf/* /run/vzha/root/* 2>&1)"
	failures=$((failures + 1))
}

# All that is in a tree: names, kinds, modes, owners, sizes, times, link targets, contents.
tree()
{
	(cd "$1" 2>/dev/null && find . -mindepth 1 -printf '%p %y %m %U:%G %s %T@ %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0r sha256sum)
}

fill()
{
	mkdir -p "$1/private/$2" "$1/empty"
	echo "$2 data" >"$1/private/$2/data"
	ln -s data "$1/private/$2/link"
	chmod 4711 "$1/private/$2/data"
	touch -d 2006-05-01T12:00:00 "$1/private/$2/data" "$1/empty"
}

clean()
{
	act stop
	rm -rf /srv/* /srv/.[!.]* /d0/vz /run/vzha /etc/tmpfiles.d/vzha-*
	mkdir -p /srv/conf /d0/vz/srv/conf
}

# ---- beginnings: what lies on this node; the shared tree always has its content

begin_local_full()
{
	fill $P local
	echo local conf >$Q
}

begin_local_empty()
{
	mkdir -m 750 $P
}

begin_hand_links()
{
	ln -s /d0/vz$P $P
	ln -s /d0/vz$Q $Q
}

begin_absent()
{
	:
}

begin_kept_before()
{
	begin_local_full
	fill $A.vzha-local older
}

begin_running()
{
	begin_local_full
	act start
}

shared_content()
{
	fill /d0/vz$P shared
	echo shared conf >/d0/vz$Q
}

# Is every file of this node's original still here, in one piece, under exactly one name?
original_is_kept()
{
	local place found=0

	[[ -n $original ]] || return 0
	for place in $P $A.vzha-local $A.vzha-local.* $A.vzha-link; do
		[[ ! -L $place && $(tree "$place") == "$original" ]] && found=$((found + 1))
	done
	((found == 1)) || wrong "this node's tree is found $found times"
	found=0
	for place in $Q $B.vzha-local $B.vzha-local.* $B.vzha-link; do
		[[ ! -L $place && -f $place && $(<"$place") == "local conf" ]] && found=$((found + 1))
	done
	((found == 1)) || wrong "this node's file is found $found times"
}

check_common()
{
	original_is_kept
	[[ -z $older || $(tree $A.vzha-local) == "$older" ]] || wrong "what was kept before has changed"
	[[ $(tree /d0/vz) == "$shared" ]] || wrong "the shared tree has changed"
	! compgen -G '/srv/.*.vzha-link' >/dev/null || wrong "a temporary link is left"
}

check_running()
{
	act monitor
	[[ $? == 0 ]] || wrong "monitor is not 0 after start"
	[[ $(readlink -f $P) == /d0/vz$P && $(readlink -f $Q) == /d0/vz$Q ]] ||
		wrong "a path does not lead to the shared tree"
}

check_stopped()
{
	act monitor
	[[ $? == 7 ]] || wrong "monitor is not 7 after stop"
	if [[ $beginning != absent && $beginning != local_empty ]]; then
		[[ -e $P ]] || wrong "$P is missing or dangles"
	fi
	[[ $beginning == hand_links || $(readlink -f $P) != /d0/* ]] ||
		wrong "$P leads to the shared tree on a passive node"
}

reboot_node()
{
	rm -rf /run/vzha
	systemd-tmpfiles --create /etc/tmpfiles.d/vzha-*.conf >/dev/null 2>&1
}

after_start()
{
	act start
	[[ $? == 0 ]] || wrong "start does not go through"
	check_running
}

after_stop()
{
	act stop
	[[ $? == 0 ]] || wrong "stop does not go through"
	check_stopped
}

after_reboot()
{
	reboot_node
	act monitor
	[[ $? == 7 ]] || wrong "not stopped after a reboot"
	after_start
}

# sweep BEGINNING ACTION AFTER: every kill there is
sweep()
{
	local action=$2 after=$3 n rc

	beginning=$1
	for ((n = 1; n < 1000; n++)); do
		clean
		shared_content
		"begin_$beginning"
		original="" older=""
		case $beginning in
		local_full | kept_before | running) original=$(tree $P) ;;
		esac
		[[ $beginning != running ]] || original=$(tree $A.vzha-local)
		[[ $beginning != kept_before ]] || older=$(tree $A.vzha-local)
		shared=$(tree /d0/vz)
		where="$beginning, $action killed before call $n, then $after"
		out=
		act_killed "$action" "$n"
		rc=$?
		kills=$((kills + 1))
		[[ $rc == 137 || $rc == 0 ]] || wrong "$action ended with $rc"
		"after_$after"
		check_common
		[[ $rc == 137 ]] || break
	done
	((n > 3)) || wrong "only $n kills: kill-at does not work"
	echo "$beginning, $action, then $after: $n"
}

mkdir -p /d0 && mount -t tmpfs shared /d0 || exit 1
parts=("$@")
((${#parts[@]})) || parts=(local_full local_empty hand_links absent kept_before running)
for part in "${parts[@]}"; do
	for after in start stop reboot; do
		[[ $part == running ]] || sweep "$part" start $after
		[[ $part != running ]] || sweep "$part" stop $after
	done
done
echo "$kills kills, $failures failures"
exit $((failures > 0))
