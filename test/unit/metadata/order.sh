#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# order.sh AGENT NAME: the order of an agent's parameters is the order of the values in existing
# haresources lines. Those of abi/NAME.params stay as they are; new ones come after them, and are
# added there when a version with them is released.

here=$(dirname "$(realpath "$0")")
pinned=$here/../abi/$2.params
[[ -s $pinned ]] || {
	echo "no ${pinned##*/}: pin the order of $2's parameters"
	exit 1
}
[[ $("$1" meta-data | sed -n 's/.*<parameter name="\([^"]*\)".*/\1/p' |
	head -n "$(wc -l <"$pinned")") == "$(<"$pinned")" ]] && exit 0
echo "the parameters of $2 are not in the pinned order:"
"$1" meta-data | sed -n 's/.*<parameter name="\([^"]*\)".*/\1/p' | diff "$pinned" -
exit 1
