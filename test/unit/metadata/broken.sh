#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# broken.sh METAGEN [VALIDATOR...]: the sample is accepted, and each of broken.txt's ways to break it
# is refused with the right words. Without validators (VZHA_VALIDATE=OFF) their lines are left out.

here=$(dirname "$(realpath "$0")")
metagen=$1
shift
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
count=0

fail()
{
	echo "FAILED: $*"
	failed=1
}

cp "$here/sample.xml" "$dir/sample.xml"
out=$("$metagen" check "$dir/sample.xml" "$@" 2>&1) || fail "the sample: $out"

while IFS= read -r line; do
	[[ $line != \#* ]] || continue
	script=${line% | *}
	words=${line##* | }
	[[ $words != *DTD && $words != *.rng ]] || (($#)) || continue
	sed "$script" "$here/sample.xml" >"$dir/sample.xml"
	cmp -s "$here/sample.xml" "$dir/sample.xml" && fail "$script: changes nothing"
	out=$("$metagen" check "$dir/sample.xml" "$@" 2>&1)
	status=$?
	((status == 1)) || fail "$script: exit $status"
	[[ $out == *"$words"* ]] || fail "$script: \"$words\" expected, said: $out"
	count=$((count + 1))
done <"$here/broken.txt"

((count > 30)) || fail "only $count ways to break it were tried"
echo "$count broken documents"
exit $failed
