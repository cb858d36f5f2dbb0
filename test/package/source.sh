# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# source.sh - a copy of this tree to build packages from
#
#	. test/package/source.sh
#	package_version		# prints the version in CMakeLists.txt
#	package_copy DIR	# DIR: the tree without what was built in it
#	failed TEXT...		# counts in $failures

: "${VZHA_SOURCE_DIR:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
failures=0

failed()
{
	echo "FAILED: $*"
	failures=$((failures + 1))
}

package_version()
{
	sed -n 's/^project(vzha VERSION \([0-9.]*\).*/\1/p' "$VZHA_SOURCE_DIR/CMakeLists.txt"
}

package_copy()
{
	mkdir -p "$1" && tar -C "$VZHA_SOURCE_DIR" --exclude='./build*' --exclude=./.git -cf - . |
		tar -C "$1" -xf -
}

# package_need PROGRAM...: a tool that is missing is a skip, never a success
package_need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || {
			echo "no $tool"
			exit 77
		}
	done
}
