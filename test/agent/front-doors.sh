#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# front-doors.sh AGENT: crm, pcs and Pacemaker itself can read the agent's meta-data, without a
# running cluster, and show every parameter of it.
#
# Seen: crmsh 4.4 refuses a document whose XML declaration names an encoding.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

agent=ocf:vzha:$1
status=0
mapfile -t params < <("/usr/lib/ocf/resource.d/vzha/$1" meta-data |
	xmllint --nonet --xpath '//parameter/@name' - | sed 's/.*"\(.*\)"/\1/')
((${#params[@]})) || {
	echo "no parameters in the meta-data of $1"
	exit 1
}

# shown COMMAND...
shown()
{
	local out param
	out=$("$@" 2>&1) || {
		echo "$*: exit $?"
		status=1
	}
	for param in "${params[@]}"; do
		grep -qw -- "$param" <<<"$out" && continue
		echo "$*: $param is not shown; it says:"
		sed 5q <<<"$out"
		status=1
		return
	done
	! grep -iE '^(error|warning)|cannot parse' <<<"$out" || status=1
}

shown crm_resource --show-metadata "$agent"
shown crm ra info "$agent"
shown pcs resource describe --full "$agent"

# What tab completion and the lists offer
offered()
{
	"$@" 2>/dev/null | tr -s ' \t' '\n' | grep -qxE "($agent|${agent##*:})" && return 0
	echo "$*: does not offer $agent"
	status=1
}

offered crm_resource --list-agents ocf:vzha
offered crm ra list ocf vzha
offered pcs resource list ocf:vzha
exit "$status"
