#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# man.sh PAGE...: manual pages that the formatters have nothing to say about.

command -v groff >/dev/null && command -v man >/dev/null || exit 77
failed=0
(($#)) || {
	echo "no pages"
	exit 1
}
for page; do
	said=$(groff -mandoc -ww -Tutf8 "$page" 2>&1 >/dev/null || echo "groff failed")
	said+=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l "$page" \
		2>&1 >/dev/null || echo "man failed")
	[[ ! $said ]] || {
		echo "$page: $said"
		failed=1
	}
	for section in NAME SYNOPSIS DESCRIPTION; do
		grep -qi "^\.SH \"\?$section" "$page" || {
			echo "$page: no section $section"
			failed=1
		}
	done
done
exit $failed
