# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bench.sh - how fast, side by side: ratios measured in one run on one machine, never a pass or fail
#
#	#!/bin/bash
#	# test/bench/NAME.sh: what is compared with what
#	. "$(dirname "$0")/bench.sh"
#	bench_node "$@"			# optional: continue in a throw-away node with vzha in it
#	bench_pair "monitor br0" -n 300 -W 1.7 ours_command arg -- peer_command arg
#	bench_ratio "failover" s "$ours" "$peer" 0.33	# figures that were measured otherwise
#
# `sudo test/run --bench [NAME]` builds, stages and runs all test/bench/NAME.sh, or the one named.
# By hand: VZHA_STAGE=... VZHA_BINARY_DIR=build/test test/bench/NAME.sh
#
# bench_pair runs both commands in turn after a warm-up and prints three lines
#	NAME (wall): ours X ms, peer Y ms, ratio Z, bar B: met
#	NAME (CPU): ours X ms, peer Y ms, ratio Z
#	NAME (RSS): ours X KiB, peer Y KiB
# medians; CPU is user and system time with all descendants; RSS is the largest of one process.
# A command that is a shell function is run by a bash that has all functions of the script (export
# what else it needs); for ratios of single execs give programs. NAME=VALUE words in front of a program
# are its environment. Options, before the commands:
#	-n RUNS		100	-w WARMUP 5
#	-x CODE		the exit code that both must end with (0); any other ends the benchmark
#	-r COMMAND	run by sh before each run, not measured
#	-R KIB		the largest wanted resident size
#	-W BAR, -C BAR	the highest wanted ratio of wall, CPU time: printed as met or MISSED
# $BENCH_EMPTY is a C program that does nothing: what one exec costs here.
# BENCH_RUNS=N overrides every -n (a quick look).

BENCH_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${VZHA_SOURCE_DIR:=$(cd "$BENCH_DIR/../.." && pwd)}"
: "${VZHA_BINARY_DIR:=$VZHA_SOURCE_DIR/build/test}"
: "${VZHA_STAGE:=$VZHA_BINARY_DIR/stage}"
export VZHA_SOURCE_DIR VZHA_BINARY_DIR VZHA_STAGE
# shellcheck disable=SC2034 # for the benchmarks
BENCH_EMPTY=$VZHA_BINARY_DIR/test/bench-empty
BENCH_PAIR=$VZHA_BINARY_DIR/test/bench-pair

bench_fail()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# bench_node "$@": run this script in a throw-away node (test/bed/node), as root, with $VZHA_STAGE
bench_node()
{
	[[ ! -e /run/vzha-node ]] || return 0
	exec "$VZHA_SOURCE_DIR/test/bed/node/in-node" bash "$(realpath "$0")" "$@"
}

# bench_pair NAME [option...] OURS... -- PEER...
bench_pair()
{
	local name=$1 side=0 word
	local -a options=() ours=() peer=()

	shift
	while [[ ${1-} == -* && $1 != -- ]]; do
		[[ $1 != -n || -z ${BENCH_RUNS-} ]] || set -- "$1" "$BENCH_RUNS" "${@:3}"
		options+=("$1" "$2")
		shift 2
	done
	for word; do
		if ((side == 0)) && [[ $word == -- ]]; then
			side=1
		elif ((side == 0)); then
			ours+=("$word")
		else
			peer+=("$word")
		fi
	done
	((${#ours[@]} && ${#peer[@]})) || bench_fail "bench_pair NAME [option...] OURS... -- PEER..."
	[[ -x $BENCH_PAIR ]] || bench_fail "no $BENCH_PAIR: build first (test/run --bench does)"
	bench_command ours
	bench_command peer
	"$BENCH_PAIR" "${options[@]}" "$name" "${ours[@]}" -- "${peer[@]}" ||
		bench_fail "$name: no figure"
}

# bench_command ARRAY: a function becomes a bash that has it and the others
bench_command()
{
	local -n command=$1

	[[ $(type -t "${command[0]}") == function ]] || return 0
	# shellcheck disable=SC2046 # one word per function
	export -f $(compgen -A function)
	# shellcheck disable=SC2016 # for that bash
	command=(bash -c '"$@"' bash "${command[@]}")
}

# bench_ratio NAME UNIT OURS PEER [BAR]: the same line for figures that the benchmark measured itself
bench_ratio()
{
	awk -v name="$1" -v unit="$2" -v ours="$3" -v peer="$4" -v bar="${5-}" 'BEGIN {
		ratio = peer > 0 ? ours / peer : 0
		printf "%s: ours %.2f %s, peer %.2f %s, ratio %.3f", name, ours, unit, peer, unit, ratio
		if (bar != "")
			printf ", bar %s: %s", bar, ratio <= bar + 0 ? "met" : "MISSED"
		print ""
	}'
}

# bench_median NUMBER...
bench_median()
{
	printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 }
		END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
