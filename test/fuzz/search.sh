#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# search.sh SECONDS [TARGET...]: let clang's libFuzzer look for new inputs, that long for each target,
# with address and undefined behaviour sanitizers, from the corpus on. What it finds is shown and
# kept in the build directory; an input that was a bug belongs into test/fuzz/corpus/TARGET.

set -u
# shellcheck source-path=SCRIPTDIR source=../lib/build.sh
. "$(dirname "$0")/../lib/build.sh"
command -v clang >/dev/null || exit 77
seconds=${1:?usage: search.sh SECONDS [TARGET...]}
shift
dir=${VZHA_BINARY_DIR:-$BUILD_SOURCE/build/test}/other-fuzz
(($#)) || mapfile -t targets < <(sed -n 's/^vzha_fuzz(\([a-z0-9-]*\) .*/\1/p' "$BUILD_SOURCE/test/fuzz/fuzz.cmake")
(($#)) && targets=("$@")

build_tree "$dir" -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo -DVZHA_VALIDATE=OFF \
	-DVZHA_FUZZ=ON -DVZHA_TESTS=ON || exit 1
status=0
for target in "${targets[@]}"; do
	mkdir -p "$dir/found/$target"
	# New inputs go into the first directory.
	(cd "$dir" && "test/fuzz-$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix="$dir/found/$target." -print_final_stats=1 "found/$target" \
		"$BUILD_SOURCE/test/fuzz/corpus/$target") >"$dir/$target.log" 2>&1 || {
		echo "$target: found something:"
		tail -n 40 "$dir/$target.log"
		status=1
	}
	sed -n "s/^stat::number_of_executed_units: */$target: executed /p; s/^stat::new_units_added: */$target: new /p" \
		"$dir/$target.log"
done
exit $status
