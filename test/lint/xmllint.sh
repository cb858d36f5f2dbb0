#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# xmllint.sh AGENT SCHEMA: the independent second look at what the agent prints. ocf-tester calls
# xmllint in the directory of the DTD, as here; resource-agents' own grammar does not know the two
# attributes of OCF 1.1 and sees the document without them.

command -v xmllint >/dev/null || exit 77
cd /usr/share/resource-agents || exit 77
xml=$("$1" meta-data) || exit 1
failed=0

look()
{
	local out

	out=$(xmllint --nonet --noout "$@" - 2>&1) || {
		echo "xmllint $*: $out"
		failed=1
	}
}

look --valid <<<"$xml"
look --relaxng "$2" <<<"$xml"
look --relaxng /usr/share/pcs/data/ocf-1.1.rng <<<"$xml"
plain=$(sed '/<parameter /s/ \(unique-group\|reloadable\)="[^"]*"//g' <<<"$xml")
look --relaxng /usr/share/resource-agents/metadata.rng <<<"$plain"
exit $failed
