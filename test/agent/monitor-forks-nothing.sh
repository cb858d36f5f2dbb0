#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# monitor-forks-nothing.sh AGENT: the recurring monitor of an active resource is one exec and no
# fork (C8). strace sees every system call of it and of all it would start.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"

command -v strace >/dev/null || exit 77
fixture "$1"
vars=(OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RA_VERSION_MINOR=1
	OCF_RESOURCE_INSTANCE="test-$1" OCF_RESOURCE_TYPE="$1" OCF_RESOURCE_PROVIDER=vzha
	OCF_RESKEY_crm_feature_set=3.16.1 OCF_RESKEY_CRM_meta_timeout=60000
	"${params[@]/#/OCF_RESKEY_}")

run()
{
	echo "+ $*"
	env "${vars[@]}" "$agent" "$@" || {
		echo "$1: exit $?"
		exit 1
	}
}

run start
vars+=(OCF_RESKEY_CRM_meta_interval=10000)
run monitor # the first may still have something to note
env "${vars[@]}" strace -f -qq -e signal=none -o /tmp/trace -e trace=execve,execveat,fork,vfork,clone,clone3 \
	"$agent" monitor
status=$?
run stop

cat /tmp/trace
[[ $status == 0 ]] || {
	echo "the monitor of the active resource ended with $status"
	exit 1
}
[[ $(grep -c . /tmp/trace) == 1 && $(grep -c 'execve(' /tmp/trace) == 1 ]] || {
	echo "more than one exec"
	exit 1
}
