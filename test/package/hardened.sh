#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hardened.sh DIRECTORY: every program and library below it is hardened, by what the file itself says.

# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "$0")/source.sh"
package_need readelf

# has FILE WHAT PATTERN; lacks FILE WHAT PATTERN: in what readelf says of it
has()
{
	grep -qE "$3" <<<"$said" || failed "$1: $2"
}

lacks()
{
	! grep -qE "$3" <<<"$said" || failed "$1: $2"
}

checked=0
while IFS= read -r -d '' file; do
	readelf -h "$file" >/dev/null 2>&1 || continue
	checked=$((checked + 1))
	said=$(readelf -hldW --dyn-syms "$file" 2>&1)
	has "$file" "not position independent" 'Type: +DYN'
	has "$file" "no read-only relocations" 'GNU_RELRO'
	has "$file" "symbols are not bound at start" '\(FLAGS\).*BIND_NOW|\(BIND_NOW\)|FLAGS_1.*NOW'
	has "$file" "no stack protector" '__stack_chk_fail'
	lacks "$file" "a stack that can be executed" 'GNU_STACK.* RWE '
	lacks "$file" "text relocations" 'TEXTREL'
	lacks "$file" "a run path" '\((RPATH|RUNPATH)\)'
	# quorum-ask and the library call nothing that could be fortified.
	case $file in
	*/ocf/resource.d/vzha/*) has "$file" "not fortified" '__[a-z]+_chk(@|$)' ;;
	esac
	lacks "$file" "calls that nobody should make" ' (gets|system|popen|strcpy|sprintf|mktemp)(@|$)'
done < <(find "$1" -type f -print0)
((checked >= 7)) || failed "only $checked programs below $1"
exit $((failures > 0))
