# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # fault_* are for the caller
#
# faults.sh - a program whose system calls fail, one at a time (by strace)
#
#	. test/lib/faults.sh
#	faults_points COMMAND... >points	# runs it once: "NAME N" for its Nth call of NAME, from
#						# main() on; what the loader does before is not ours
#	faults_run NAME N ERROR COMMAND...	# runs it with that one call failing; sets
#		fault_rc fault_out fault_err fault_ms, and fault_hit to the call as strace shows it
#	faults_sample COUNT SEED <points	# that many of the lines, the same for the same seed
#	faults_reasons				# number of reason lines in fault_err; 99: one, but not last
#
# Only the program itself is traced, not what it starts. ERRORS has the errors that are tried.

FAULTS_ERRORS="EIO ENOMEM EMFILE"
: "${FAULTS_LOG:=$(mktemp -d)}"

faults_points()
{
	strace -qq -e signal=none -o "$FAULTS_LOG/points" "$@" >/dev/null 2>&1
	# The first thing that main() does is to look at its standard descriptors. Left out are calls that
	# have no errors (of brk(2) the C library would take the number for an address).
	awk '{ name = $0; sub(/\(.*/, "", name); n[name]++ }
		/^fcntl\(0, F_GETFD\)/ { begun = 1 }
		begun && name !~ /^(exit_group|exit|rt_sigreturn|brk|umask|get[a-z]*id|getpgrp|[^a-z].*)$/ { print name, n[name] }' \
		"$FAULTS_LOG/points"
}

faults_run()
{
	local name=$1 n=$2 error=$3 began
	shift 3

	began=${EPOCHREALTIME/[.,]/}
	strace -qq -e signal=none -o "$FAULTS_LOG/hit" -e "trace=$name" \
		-e "inject=$name:error=$error:when=$n" "$@" >"$FAULTS_LOG/out" 2>"$FAULTS_LOG/err"
	fault_rc=$?
	fault_ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
	fault_out=$(<"$FAULTS_LOG/out")
	fault_err=$(<"$FAULTS_LOG/err")
	fault_hit=$(grep -m1 INJECTED "$FAULTS_LOG/hit")
}

faults_sample()
{
	shuf -n "$1" --random-source=<(openssl enc -aes-128-ctr -pass "pass:$2" -nosalt -pbkdf2 \
		</dev/zero 2>/dev/null)
}

faults_reasons()
{
	local n

	n=$(grep -c '^ocf-exit-reason:' <<<"$fault_err")
	[[ $n != 1 || $(tail -n 1 <<<"$fault_err") == ocf-exit-reason:* ]] || n=99
	echo "$n"
}
