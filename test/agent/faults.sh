#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# faults.sh AGENT [SAMPLE]: one system call fails, and probe, monitor and stop stay honest: never a
# wrong 7, never a stop that fails or only says so, exactly one reason line, last, inside the deadline.
#
# Each call that the action makes, by name and number, fails once with each error: all of them, or
# SAMPLE of each action, chosen by a seed that is printed (VZHA_SEED=N repeats it). An error where
# none was needed is honest, and counted; VZHA_PESSIMISTS=1 shows each.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/faults.sh
. "$(dirname "$0")/../lib/faults.sh"
command -v strace >/dev/null || exit 77

name=$1
sample=${2-}
seed=${VZHA_SEED:-$RANDOM}
timeout=6000
quick=params=none
failures=0
runs=0
pessimists=0
fixture "$name"
[[ $name != vz-container* ]] || quick=stop_mode=kill
[[ -z $sample ]] || echo "seed $seed"

# environment PARAM=VALUE...: sets environment to an action's
environment()
{
	environment=(env OCF_ROOT=/usr/lib/ocf "OCF_RESKEY_CRM_meta_timeout=$timeout"
		OCF_RESKEY_crm_feature_set=3.16.1 HA_LOGFACILITY=none
		"${params[@]/#/OCF_RESKEY_}" "OCF_RESKEY_$quick" "${@/#/OCF_RESKEY_}")
}

# arrange active|inactive: without any fault, and proven
arrange()
{
	local want=0 rc

	environment
	if [[ $1 == active ]]; then
		"${environment[@]}" "$agent" start >/tmp/arrange 2>&1
	else
		"${environment[@]}" "$agent" stop >/tmp/arrange 2>&1
		want=7
	fi
	"${environment[@]}" "$agent" monitor >>/tmp/arrange 2>&1
	rc=$?
	[[ $rc == "$want" ]] || {
		echo "cannot make it $1: the probe says $rc"
		cat /tmp/arrange
		exit 1
	}
}

# What the probe says when nothing fails
state_now()
{
	local rc

	environment
	"${environment[@]}" "$agent" monitor >/dev/null 2>&1
	rc=$?
	case $rc in
	0) echo active ;;
	7) echo inactive ;;
	*) echo "unknown ($rc)" ;;
	esac
}

bad()
{
	failures=$((failures + 1))
	echo "not ok: $state, $action: $point $error: $*"
	echo "    $fault_hit"
	echo "    exit code $fault_rc after $fault_ms ms, said: $fault_err"
}

judge()
{
	local reasons

	((fault_ms < timeout)) || bad "late"
	reasons=$(faults_reasons)
	case $fault_rc in
	0 | 7) ((reasons == 0)) || bad "a reason without a failure" ;;
	"$right") ((reasons == 1)) || bad "$reasons reasons" ;;
	1) ((reasons == 1)) || bad "$reasons reasons" ;;
	127) [[ $fault_err == *"shared libraries"* ]] || bad "no such code" ;;
	*) bad "no such code" ;;
	esac
	[[ $fault_rc != 1 || $right == 1 ]] || {
		pessimists=$((pessimists + 1))
		[[ -z ${VZHA_PESSIMISTS-} ]] || echo "$state $action: $fault_hit: $fault_err"
	}
	# The node would be shot for it. (127: its libraries could not be loaded.)
	[[ $action != stop || $fault_rc == 0 || $fault_rc == 127 ]] || bad "one fault makes stop fail"
	case "$action $state $fault_rc" in
	"stop "*" 7" | "probe active 7" | "monitor active 7" | "probe inactive 0" | "monitor inactive 0")
		bad "wrong"
		;;
	"stop "*" 0") [[ $(state_now) == inactive ]] || bad "says stopped, but it is $(state_now)" ;;
	esac
}

# sweep STATE ACTION: that action of the resource in that state, with every fault
sweep()
{
	local state=$1 action=$2 verb=monitor point n error right
	local -a with=()

	case $action in
	monitor) with=(CRM_meta_interval=10000) ;;
	stop) verb=stop ;;
	esac
	arrange "$state"
	# The first may have something to note or to clean up that the second has not.
	environment "${with[@]}"
	right=0
	[[ $action == stop ]] || {
		"${environment[@]}" "$agent" "$verb" >/dev/null 2>&1
		"${environment[@]}" "$agent" "$verb" >/dev/null 2>&1
		right=$? # 190 where something is degraded
	}
	faults_points "${environment[@]}" "$agent" "$verb" |
		while read -r point; do
			for error in $FAULTS_ERRORS; do
				echo "$point $error"
			done
		done >/tmp/points
	[[ -z $sample ]] || {
		faults_sample "$sample" "$seed" </tmp/points >/tmp/sample
		mv /tmp/sample /tmp/points
	}
	while read -r point n error <&3; do
		[[ $action != stop ]] || arrange "$state"
		environment "${with[@]}"
		faults_run "$point" "$n" "$error" "${environment[@]}" "$agent" "$verb"
		point="$point $n"
		runs=$((runs + 1))
		judge
	done 3</tmp/points
}

for state in inactive active; do
	for action in probe monitor stop; do
		began=$SECONDS runs_before=$runs
		sweep "$state" "$action"
		[[ -n $sample ]] || echo "$state $action: $((runs - runs_before)) runs, $((SECONDS - began)) s"
	done
done
arrange inactive
echo "$name: $runs runs, $failures failed; $pessimists answered with an error where none was needed"
((failures == 0))
