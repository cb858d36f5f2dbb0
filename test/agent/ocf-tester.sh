#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ocf-tester.sh AGENT [promotable]: what resource-agents demands of an agent, with the agent's real work done
# in a throw-away node. Anything on the agent's stdout or stderr other than a reason is shown.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"

command -v ocf-tester >/dev/null || exit 77
fixture "$1"
options=()
for param in "${params[@]}"; do
	options+=(-o "$param")
done
# As the manager of a promotable clone says it; ocf-tester itself knows no clones.
[[ ${2-} != promotable ]] || export OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_CRM_meta_notify=true
out=$(ocf-tester -v -n "test-$1" "${options[@]}" "$agent" 2>&1)
status=$?
[[ $status == 0 && $out == *"passed all tests"* ]] && exit 0
echo "$out"
exit 1
