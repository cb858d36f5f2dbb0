#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# memory.sh AGENT: every action under valgrind: no access to memory that is not there or was never
# written, nothing lost, no heap of descriptors left open, and the answer that is right.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"
command -v valgrind >/dev/null || exit 77

# Open until the end by intention: the system log's socket, what tells of children, the trace.
DESCRIPTORS_MAX=3
failures=0
fixture "$1"
[[ $1 != vz-container* ]] || params+=(stop_mode=kill)

# under RIGHT_CODES ACTION [PARAM=VALUE...]
under()
{
	local right=$1 action=$2 rc open
	shift 2

	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=60000 "${params[@]/#/OCF_RESKEY_}" \
		"${@/#/OCF_RESKEY_}" valgrind --log-file=/tmp/valgrind --error-exitcode=99 --child-silent-after-fork=yes \
		--leak-check=full --errors-for-leak-kinds=definite,indirect,possible --track-fds=yes "$agent" "$action" >/tmp/out 2>&1
	rc=$?
	# Not those that this shell and valgrind themselves have open.
	open=$(awk '/FILE DESCRIPTORS:/ { seen = 1 } /Open (file descriptor|AF_|[a-z]* socket)/ { n++ }
		/<inherited from parent>/ { n-- } END { if (seen) print n + 0 }' /tmp/valgrind)
	[[ " $right " == *" $rc "* && -n $open ]] && ((open <= DESCRIPTORS_MAX)) && return 0
	failures=$((failures + 1))
	echo "not ok: $action $*: exit code $rc, wanted $right; descriptors left: $open"
	cat /tmp/out
	sed 's/^==[0-9]*== //' /tmp/valgrind | head -n 60
}

interval=CRM_meta_interval=10000
under 0 meta-data
under "0 5 2" validate-all
OCF_CHECK_LEVEL=10 under "0 5 2" validate-all
under 7 monitor
under 7 monitor "$interval"
under 0 stop
under 0 start trace_ra=1
under 0 start
under 0 monitor
under 0 monitor "$interval"
OCF_CHECK_LEVEL=10 under "0 1" monitor "$interval"
under 0 status
under "0 3" reload-agent
under 0 stop trace_ra=1
under 7 status
under 6 start "${params[0]%%=*}="
((failures == 0))
