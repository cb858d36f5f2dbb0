#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# man-true.sh SOURCE PAGE...: what the pages point at is there. Each page of ours that SEE ALSO names is
# among the pages, and each exit reason that vzha(7) explains is in the sources.

cd "$1" || exit 1
shift
failures=0
wrong()
{
	echo "$*"
	failures=$((failures + 1))
}

names=$(basename -a "$@" | sed 's/\.\([0-9]\)$/(\1)/')
links=$(sed -n 's/^\.BR \(\(ocf_vzha_\|vzha\|libnlbridge\)[^ ]*\) \(([0-9])\).*/\1\3/p' "$@" | sed 's/\\-/-/g' | sort -u)
[[ -n $links ]] || wrong "no page names another one"
for link in $links; do
	grep -qxF -- "$link" <<<"$names" || wrong "there is no page $link"
done

# String literals of the sources, those that C joins joined
strings=$(cat agents/*.c agents/*/*.c agents/*/*/*.c lib/*/*.c | tr '\n' '\r' | sed 's/"\r[[:blank:]]*"//g' |
	tr '\r' '\n')
reasons=0
while IFS= read -r reason; do
	reasons=$((reasons + 1))
	grep -qF -- "$reason" <<<"$strings" || wrong "vzha(7) explains a reason that nothing gives: $reason"
done < <(sed -n 's/^@reason \(.*\)@$/\1/p' doc/vzha.7.in)
((reasons >= 15)) || wrong "vzha(7) explains $reasons reasons: has its markup changed?"
exit $((failures > 0))
