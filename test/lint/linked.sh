#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# linked.sh AGENT...: agents are executed every few seconds; they are linked with libc, libnl and
# our own library, and with nothing else.

command -v readelf >/dev/null || exit 77
failed=0
(($#)) || exit 1
for agent; do
	needed=$(readelf -d "$agent" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
	[[ $needed == *libc.so* ]] || {
		echo "$agent: what it is linked with cannot be read"
		failed=1
	}
	while IFS= read -r library; do
		case $library in
		libc.so.* | libnl-3.so.* | libnl-genl-3.so.* | libnl-route-3.so.* | libnlbridge.so.* | \
			libasan.so.* | libubsan.so.* | ld-linux*) ;;
		*)
			echo "$agent is linked with $library"
			failed=1
			;;
		esac
	done <<<"$needed"
done
exit $failed
