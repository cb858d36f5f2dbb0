# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2120 # rc, out and ms are the result
#
# vz-container-lib.sh - one agent, one container, inside a throw-away node
#
#	act ACTION [NAME=VALUE...]	sets rc, out, ms (milliseconds it took)
#	want ACTION RC [TEXT] [NAME=VALUE...]	and fails when it ends otherwise, or does not say TEXT
#	check WHAT COMMAND...		fails, naming WHAT, when the command does
# NAME=VALUE go into the environment; params=(...) always do.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

AGENT=/usr/lib/ocf/resource.d/vzha/vz-container
params=()

[[ -x $AGENT ]] || {
	echo "$0: no $AGENT: is VZHA_STAGE set and filled?" >&2
	exit 1
}

fail()
{
	echo "FAILED: $*" >&2
	exit 1
}

story()
{
	echo "--- $*"
}

act()
{
	local action=$1 begin=${EPOCHREALTIME/[.,]/}
	shift
	out=$(env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=20000 \
		OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_crm_feature_set=3.16.1 \
		OCF_RESOURCE_INSTANCE=test "${params[@]}" "$@" "$AGENT" "$action" 2>&1)
	rc=$?
	ms=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
}

want()
{
	local action=$1 code=$2 text=
	shift 2
	if (($#)) && [[ $1 != *=* || $1 == *' '* ]]; then
		text=$1
		shift
	fi
	act "$action" "$@"
	[[ $rc == "$code" ]] || fail "$action ended with $rc, not $code, after $ms ms: $out"
	[[ $out == *"$text"* ]] || fail "$action does not say '$text': $out"
	# Every failure gives its reason, once, as the last line.
	case $code in
	0 | 7) ;;
	*) [[ ${out##*$'\n'} == ocf-exit-reason:* && $(grep -c ^ocf-exit-reason: <<<"$out") == 1 ]] ||
		fail "$action: no single reason at the end: $out" ;;
	esac
}

# A probe: monitor without an interval
want_probe()
{
	local code=$1
	shift
	want monitor "$code" OCF_RESKEY_CRM_meta_interval=0 "$@"
}

check()
{
	local what=$1
	shift
	"$@" || fail "$what"
}

eventually()
{
	local what=$1 i
	shift
	for ((i = 0; i < 100; i++)); do
		"$@" && return 0
		sleep 0.1
	done
	fail "not within 10 s: $what"
}

# The processes living in control groups of that name: one line each
members()
{
	cat "/sys/fs/cgroup/$1"/cgroup.procs "/sys/fs/cgroup/$1"-[0-9]*/cgroup.procs 2>/dev/null
}

gone()
{
	[[ -z $(members "$1") ]]
}

# ---- for scripts with a vz-container-on-ENGINE.sh: $GROUP, ct_init ----

inits()
{
	local pid n=0
	for pid in $(members "$GROUP"); do
		[[ $(awk '/^NSpid/ {print $NF}' "/proc/$pid/status" 2>/dev/null) != 1 ]] || n=$((n + 1))
	done
	echo $n
}

one_init()
{
	check "one init, not $(inits)${1:+ ($1)}" test "$(inits)" == 1
}

stopped()
{
	want stop 0 "$@"
	want monitor 7
	check "nothing stays mounted" ct_nothing_mounted
}

# Where its processes live now: LXC takes another name when the usual one is taken.
group()
{
	local init
	init=$(ct_init)
	[[ -z $init ]] && echo "/sys/fs/cgroup/$GROUP" && return
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$init/cgroup")"
}

freeze()
{
	local frozen
	frozen=$(group)
	echo 1 >"$frozen/cgroup.freeze"
	eventually "it is frozen" grep -qx "frozen 1" "$frozen/cgroup.events"
}

away()
{
	mkdir -p /run/away && mv "$@" /run/away
}

# A process in the container's control group, and if need be in its PID namespace
stray()
{
	local procs
	procs=$(group)/cgroup.procs
	sh -c 'echo $$ >"$0" && exec "$@"' "$procs" "$@" &
	stray=$!
	eventually "it is in the group" grep -qx $stray "$procs"
}
