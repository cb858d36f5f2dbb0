#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The measuring itself: what is slow shows as slow, and a command that fails has no figure.
# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"

slow() { sleep 0.1; }
busy() { for ((i = 0; i < 30000; i++)); do :; done; }

ratio_of()
{
	sed -n "s/.*($1).* ratio \([0-9.]*\).*/\1/p"
}

fits()
{
	awk -v ratio="$1" "BEGIN { exit !(ratio != \"\" && $2) }" || bench_fail "$3: ratio $1"
}

out=$(bench_pair nothing -n 5 -w 1 "$BENCH_EMPTY" -- slow)
fits "$(ratio_of wall <<<"$out")" "ratio < 0.9" "a sleep of 0.1 s does not show: $out"
out=$(bench_pair work -n 5 -w 1 busy -- "$BENCH_EMPTY")
fits "$(ratio_of CPU <<<"$out")" "ratio > 2" "CPU time of a child does not show: $out"
[[ $out == *"(RSS): ours "* ]] || bench_fail "no resident size: $out"

# shellcheck disable=SC2016 # for the commands themselves
(bench_pair environment -n 2 -w 1 X=1 sh -c '[ "$X" = 1 ]' -- sh -c '[ -z "$X" ]') >/dev/null ||
	bench_fail "a command's own environment"
(bench_pair broken -n 2 -w 0 "$BENCH_EMPTY" -- false) 2>/dev/null && bench_fail "a failing command was measured"
(bench_pair code -n 2 -w 0 -x 1 false -- false) >/dev/null || bench_fail "an expected exit code was refused"
out=$(bench_ratio failover s 20 96 0.33)
[[ $out == "failover: ours 20.00 s, peer 96.00 s, ratio 0.208, bar 0.33: met" ]] || bench_fail "$out"
[[ $(bench_ratio x s 1 2 0.33) == *MISSED ]] || bench_fail "a missed bar does not show"
[[ $(bench_median 3 1 10 2) == 2.5 ]] || bench_fail "median: $(bench_median 3 1 10 2)"
