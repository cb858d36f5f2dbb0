#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ocf-faults.sh TOY: lib/ocf itself, with each of its system calls failing once. Whatever fails, the
# answer is the right one or a failure with its one reason; never a wrong 7 or 0.
#
# shellcheck source-path=SCRIPTDIR source=../lib/faults.sh
. "$(dirname "$0")/../lib/faults.sh"
command -v strace >/dev/null || exit 77
toy=$1
root=$(mktemp -d)
trap 'rm -rf "$root" "$FAULTS_LOG"' EXIT
failures=0
runs=0

# scenario RIGHT_CODE ACTION VARIABLE=VALUE...: all of its calls, all of the errors
scenario()
{
	local right=$1 action=$2 name n error
	shift 2
	local -a command=(env -i "PATH=$PATH" "TOY_ROOT=$root" OCF_RESKEY_name=one
		OCF_RESKEY_CRM_meta_timeout=20000 "$@" "$toy" "$action")

	while read -r name n; do
		for error in $FAULTS_ERRORS; do
			runs=$((runs + 1))
			faults_run "$name" "$n" "$error" "${command[@]}"
			verdict && continue
			failures=$((failures + 1))
			echo "not ok: $action ($*), $name number $n: $error: $fault_hit"
			echo "    exit code $fault_rc after $fault_ms ms, right is $right or 1 with a reason; said: $fault_err"
		done
	done < <(faults_points "${command[@]}")
}

verdict()
{
	((fault_ms < 20000)) || return 1
	case $fault_rc in
	"$right") [[ $right != 0 && $right != 7 ]] || (($(faults_reasons) == 0)) ;;
	1) (($(faults_reasons) == 1)) ;;
	*) return 1 ;;
	esac
}

scenario 7 monitor TOY_STATE=stopped
scenario 0 monitor TOY_STATE=running
scenario 0 monitor TOY_STATE=running TOY_MONITOR=degraded OCF_RESKEY_CRM_meta_interval=1000
scenario 0 stop "TOY_STATE=running" "TOY_STOP=0 stopped"
scenario 1 stop "TOY_STATE=running" "TOY_STOP=0 running"
scenario 0 start "TOY_STATE=stopped" "TOY_START=0 running" OCF_RESKEY_trace_ra=1
scenario 0 run TOY_STATE=running "TOY_CHILD=/bin/echo hello"
scenario 0 validate-all TOY_STATE=running

# wrong WHAT: a single case that is not as it must be
wrong()
{
	failures=$((failures + 1))
	echo "not ok: $*: exit code $fault_rc, said: $fault_out $fault_err"
}

# Heartbeat hears nothing but "owned" or "not owned": what may run is owned.
mkdir -p "$root/etc/ha.d/resource.d"
ln -s "$toy" "$root/etc/ha.d/resource.d/toy"
command=(env -i "PATH=$PATH" "TOY_ROOT=$root" TOY_STATE=running "$root/etc/ha.d/resource.d/toy" one status)
while read -r name n; do
	runs=$((runs + 1))
	faults_run "$name" "$n" ENOMEM "${command[@]}"
	[[ $fault_out == running* && $fault_out != *[Nn][Oo][Tt]*running* || $fault_hit == write\(1,* ||
		$fault_hit == fcntl\(* ]] || wrong "Heartbeat's status, $name number $n"
done < <(faults_points "${command[@]}")

# A wait that cannot wait is not the end of a helper program.
faults_run poll 1 ENOMEM env -i "PATH=$PATH" "TOY_ROOT=$root" OCF_RESKEY_name=one \
	"TOY_CHILD=/bin/sleep 0.5" "$toy" run
[[ $fault_hit == poll* && $fault_out == "r=0 exit=0 "* ]] || wrong "poll in ocf_child_wait()"

faults_run wait4 1 EIO env -i "PATH=$PATH" "TOY_ROOT=$root" OCF_RESKEY_name=one \
	"TOY_CHILD=/bin/sleep 0.5" "$toy" run
[[ $fault_hit == wait4* && $fault_out == "r=0 exit=0 "* ]] || wrong "wait4 of a child that runs"

fault_err=$("$toy" meta-data 2>&1 >/dev/full)
fault_rc=$?
[[ $fault_rc == 1 && $(faults_reasons) == 1 ]] || wrong "meta-data to a full disk"
echo "$runs runs, $failures failed"
((failures == 0))
