# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# veth-bridge-lib.sh - the veth-bridge agent against the kernel of a throw-away node
#
#	ra WANTED ACTION [NAME=VALUE...]	run the agent; its exit code must be WANTED
#	host_end NAME				a container's link comes
#	must / must_not COMMAND...		the case fails otherwise
#	cases [CASE...]				run these, or every function case_*, each on a clean slate
#
# Containers are network namespaces here.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

agent=/usr/lib/ocf/resource.d/vzha/veth-bridge
lock=/run/vzha/bridge/br0.lock
out=/tmp/veth-bridge.out
reason=
case=
containers=()

[[ -x $agent ]] || {
	echo "no $agent: is VZHA_STAGE set and filled?" >&2
	exit 1
}

fail()
{
	echo "FAILED in $case: $*"
	[[ -z $reason ]] || echo "  last reason: $reason"
	ip -br link
	exit 1
}

# ra WANTED ACTION [NAME=VALUE...]: run the agent, its exit code must be WANTED
ra()
{
	local wanted=$1 action=$2 got
	local -a vars=()

	shift 2
	[[ $* == *bridge=* ]] || vars=(OCF_RESKEY_bridge=br0)
	env OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=bridge OCF_RESKEY_CRM_meta_timeout=20000 \
		OCF_RESKEY_crm_feature_set=3.16.1 "${vars[@]}" "${@/#/OCF_RESKEY_}" \
		"$agent" "$action" >"$out" 2>&1
	got=$?
	reason=$(grep '^ocf-exit-reason:' "$out" || true)
	[[ $got == "$wanted" ]] || {
		cat "$out"
		fail "$action: exit $got, not $wanted"
	}
	case $got in
	0 | 7) [[ -z $reason ]] || fail "$action: exit $got with a reason" ;;
	*) [[ $(grep -c '^ocf-exit-reason:' "$out") == 1 ]] || fail "$action: not one reason" ;;
	esac
}
monitor() { ra "$1" monitor CRM_meta_interval=10000 "${@:2}"; }

container_start()
{
	unshare -n sleep 600 &
	container=$!
	until [[ $(readlink /proc/$container/ns/net) != "$(readlink /proc/self/ns/net)" ]]; do
		sleep 0.01
	done
	containers+=("$container")
}

# host_end NAME: a veth whose other end is in the container, set up last, as LXC does
host_end()
{
	ip link add "$1" type veth peer name "e${1//[!0-9]/}" netns "$container" && ip link set "$1" up
}

master_of() { [[ -e /sys/class/net/$1/master ]] && basename "$(readlink "/sys/class/net/$1/master")"; }
watcher() { fuser_lock "$lock"; }
# the process that holds a record lock, out of /proc/locks
fuser_lock()
{
	local inode

	inode=$(stat -c %i "$1" 2>/dev/null) || return 1
	awk -v i=":$inode" '$2 == "POSIX" && substr($6, length($6) - length(i) + 1) == i { print $5; f = 1 }
		END { exit !f }' /proc/locks
}
wait_for()
{
	local tries=$1
	shift
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.02
	done
}
is_in() { [[ $(master_of "$1") == "$2" ]]; }
no_watcher() { ! watcher >/dev/null; }
must() { "$@" >/dev/null || fail "not so: $*"; }
must_not() { ! "$@" || fail "is so: $*"; }
exists() { [[ -e /sys/class/net/$1 ]]; }
marked() { ip link show "$1" | grep -q "altname $2\$"; }

clean_slate()
{
	local link

	for link in "${containers[@]}"; do
		kill -KILL "$link" 2>/dev/null
		wait "$link" 2>/dev/null
	done
	containers=()
	for link in br0 br1 x0 veth1.0 veth2.0 veth3.0 dev0; do
		ip link del "$link" 2>/dev/null
	done
	wait_for 100 no_watcher || fail "a watcher outlives its bridge"
	rm -rf /run/vzha/bridge
	container_start
}

cases()
{
	local names=("${@/#/case_}")

	(($#)) || mapfile -t names < <(compgen -A function case_)
	for case in "${names[@]}"; do
		declare -F "$case" >/dev/null || fail "no such case"
		clean_slate
		"$case"
		echo "ok $case"
	done
	case=end
	clean_slate
	kill -KILL "${containers[@]}"
}
