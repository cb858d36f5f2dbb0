#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# symbols.sh MAP SYMBOLS: Debian's symbols file has what the library's version script exports.

names()
{
	LC_ALL=C sort -u
}

diff <(sed -n 's/^\t\(nlbridge_[a-z_0-9]*\);$/\1/p' "$1" | names) \
	<(sed -n 's/^ \(nlbridge_[a-z_0-9]*\)@.*/\1/p' "$2" | names) || {
	echo "$2 does not fit $1: add the new symbol with the version that brings it"
	exit 1
}
[[ -s $2 ]]
