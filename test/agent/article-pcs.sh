#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The article's cluster as typed with pcs (test/cluster/article.pcs): the real pcs takes every line,
# without a warning about our agents, into a cluster configuration that Pacemaker finds valid.
# No cluster runs here; test/cluster/article.sh has one. In a throw-away node: in-node article-pcs.sh

cd /run || exit 1
failures=0
pushed=

# Called by the file's lines; the real one, without a cluster to take from and to push to.
pcs()
{
	local said

	case "$1 $2" in
	"cluster cib") said=$(cibadmin --empty 2>&1 >"$3") ;;
	"cluster cib-push")
		pushed=$3
		said=$(crm_verify --xml-file "$3" -V 2>&1 | grep -i vzha)
		;;
	*) said=$(command pcs "$@" 2>&1) || said="error: exit code $?: $said" ;;
	esac
	# Pacemaker's own advice about a default that is in force is no complaint.
	said=$(grep -iE 'warning|error' <<<"$said" | grep -v 'Defaults do not apply')
	[[ -z $said ]] || {
		echo "pcs $*: $said"
		failures=$((failures + 1))
	}
}

# shellcheck source-path=SCRIPTDIR source=/dev/null
. "$VZHA_SOURCE_DIR/test/cluster/article.pcs"
[[ -n $pushed ]] || {
	echo "nothing is pushed to the cluster"
	exit 1
}
resources=$(command pcs -f "$pushed" resource status 2>&1 | grep -c 'ocf:vzha:')
[[ $resources == 6 ]] || {
	echo "expected 6 resources of vzha, pcs shows $resources"
	failures=$((failures + 1))
}
exit $((failures > 0))
