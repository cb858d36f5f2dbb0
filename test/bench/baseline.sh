#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What this machine's noise is: the empty program against itself, and what executing a shell costs.
# A ratio of the first pair far from 1 says that no figure of this run means much.
# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"

bench_pair "empty program against itself" -n 300 "$BENCH_EMPTY" -- "$BENCH_EMPTY"
bench_pair "empty program against sh -c :" -n 300 "$BENCH_EMPTY" -- sh -c :
