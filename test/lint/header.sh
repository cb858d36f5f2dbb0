#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# header.sh HEADER: an installed header compiles alone, twice in one file, in C and in C++.

failed=0
for compiler in "gcc -x c -std=c99" "gcc -x c -std=c11" "g++ -x c++ -std=c++11" "g++ -x c++ -std=c++17"; do
	command -v "${compiler%% *}" >/dev/null || exit 77
	# shellcheck disable=SC2086 # a command with its options
	out=$(printf '#include "%s"\n#include "%s"\nint main(void) { return 0; }\n' "$1" "$1" |
		$compiler -Wall -Wextra -Wpedantic -Werror -Wshadow -fsyntax-only - 2>&1) || {
		echo "$compiler: $out"
		failed=1
	}
done
exit $failed
