#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The article's cluster as typed with pcs (test/cluster/article.pcs): the real pcs takes every line,
# without a warning about our agents, into a cluster configuration that Pacemaker finds valid.
# Runs in a throw-away node: in-node article-pcs.sh

cib=$(mktemp)
cibadmin --empty >"$cib" || exit 1
failures=0

# Called by the file's lines; the real one, on a file instead of a cluster.
pcs()
{
	local said

	said=$(command pcs -f "$cib" "$@" 2>&1) || {
		echo "pcs $*: exit code $?: $said"
		failures=$((failures + 1))
		return
	}
	# Pacemaker's own advice about a default that is in force is no complaint.
	said=$(grep -iE 'warning|error' <<<"$said" | grep -v 'Defaults do not apply')
	[[ -z $said ]] || {
		echo "pcs $*: $said"
		failures=$((failures + 1))
	}
}

# shellcheck source-path=SCRIPTDIR source=/dev/null
. "$VZHA_SOURCE_DIR/test/cluster/article.pcs"
crm_verify --xml-file "$cib" -V 2>&1 | grep -i vzha && failures=$((failures + 1))
resources=$(command pcs -f "$cib" resource status 2>&1 | grep -c 'ocf:vzha:')
[[ $resources == 6 ]] || {
	echo "expected 6 resources of vzha, pcs shows $resources"
	failures=$((failures + 1))
}
exit $((failures > 0))
