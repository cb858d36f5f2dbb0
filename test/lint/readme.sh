#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# readme.sh DIRECTORY: what README.md there quotes from a file (a comment "quoted from FILE" before
# the block) is what the file says, and the commands it tells people to run exist.
# What DRBD is told is what drbdadm takes; all other files of the article are used by tests of their own.

cd "$1" || exit 1
failures=0
quoted=0
while read -r file; do
	quoted=$((quoted + 1))
	awk -v mark="<!-- quoted from $file -->" '
		$0 == mark { found = 1; next }
		found && /^```/ { if (inside) exit; inside = 1; next }
		inside' README.md | diff -u "$file" - || {
		echo "README.md does not quote $file as it is" >&2
		failures=$((failures + 1))
	}
done < <(sed -n 's/^<!-- quoted from \(.*\) -->$/\1/p' README.md)
((quoted > 0)) || {
	echo "README.md quotes nothing: has the comment changed?" >&2
	failures=$((failures + 1))
}
drbdadm --config-file test/cluster/article.r0.res dump >/dev/null || {
	echo "test/cluster/article.r0.res is not what drbdadm takes" >&2
	failures=$((failures + 1))
}
for command in test/demo test/run; do
	if ! grep -q "sudo $command" README.md || [[ ! -x $command ]]; then
		echo "README.md and $command do not fit" >&2
		failures=$((failures + 1))
	fi
done
exit $((failures > 0))
