# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# build.sh - build this tree and lay it out as it would be installed
#
#	. test/lib/build.sh
#	build_tree DIR [cmake option...]	# configure and build in DIR
#	build_stage DIR				# DIR/stage: the installed tree, put into test nodes

BUILD_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Says nothing when all is well; everything when not.
build_quietly()
{
	local log

	log=$(mktemp)
	if ! "$@" >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

build_tree()
{
	local dir=$1

	shift
	build_quietly cmake -S "$BUILD_SOURCE" -B "$dir" -G Ninja "$@" &&
		build_quietly cmake --build "$dir"
}

build_stage()
{
	rm -rf "$1/stage" &&
		DESTDIR=$1/stage build_quietly cmake --install "$1"
}
