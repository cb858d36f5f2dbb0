#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# exported.sh LIBRARY MAP HEADER PAGE PAGES: the library exports what its version script lists, no more
# and no less; its header and its manual page tell of the same functions, and each has a page of its own in
# the directory PAGES that names its result where it has one.

command -v readelf >/dev/null || exit 77
listed=$(sed -n 's/^[[:space:]]*\(nlbridge_[a-z0-9_]*\);$/\1/p' "$2" | sort)
exported=$(readelf --dyn-syms -W "$1" |
	awk '$4 == "FUNC" && $7 != "UND" { sub(/@.*/, "", $8); print $8 }' | sort -u)
declared=$(grep -oE '\bnlbridge_[a-z0-9_]+\(' "$3" | tr -d '(' | sort -u)
failed=0
[[ $listed ]] || {
	echo "nothing is listed in $2"
	exit 1
}
diff <(echo "$listed") <(echo "$exported") || failed=1
comm -13 <(echo "$listed") <(echo "$declared") | grep -q . && {
	echo "declared in the header and not exported:"
	comm -13 <(echo "$listed") <(echo "$declared")
	failed=1
}
described=$(sed -n '/^\.SH SYNOPSIS/,/^\.SH DESCRIPTION/p' "$4" | grep -oE '\bnlbridge_[a-z0-9_]+\(' |
	tr -d '(' | sort -u)
diff <(echo "$declared") <(echo "$described") || {
	echo "< in the header, > in the manual page"
	failed=1
}
diff <(echo "$declared") <(cd "$5" && printf '%s\n' -- *.3 | sed '1d; s/\.3$//' | sort) || {
	echo "< in the header, > the pages in $5"
	failed=1
}
for page in "$5"/*.3; do
	grep -q '^int ' "$page" && ! grep -q '^\.SH RETURN VALUE' "$page" && {
		echo "$page does not say what is returned"
		failed=1
	}
	grep -q '^\.SH DESCRIPTION' "$page" || failed=1
done
exit $failed
