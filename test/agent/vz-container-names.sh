#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# LXC containers whose names look like each other's control groups: `web-1` lives in
# lxc.payload.web-1, which is also where the second life of `web` goes. Neither may ever be taken
# for the other: a stop would end a container that nobody asked about.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"

params=(OCF_RESKEY_engine=lxc)

for name in web web-1; do
	lxc-create -t busybox -n $name >/dev/null 2>&1 || fail "lxc-create $name"
	sed -i '/^lxc.net/d; /^lxc.apparmor/d' /var/lib/lxc/$name/config
	printf '%s\n' 'lxc.apparmor.profile = unconfined' 'lxc.net.0.type = empty' \
		>>/var/lib/lxc/$name/config
done
web=OCF_RESKEY_ctid=web
web1=OCF_RESKEY_ctid=web-1

runs()
{
	[[ $(lxc-info -n "$1" -sH) == RUNNING ]]
}

story "only web-1 runs"
want start 0 $web1
want monitor 7 $web
want stop 0 $web
check "web-1 outlives a stop of web" runs web-1
want monitor 0 $web1

story "both run, web in its second group"
want start 0 $web
want monitor 0 $web
want stop 0 $web1
check "web outlives a stop of web-1" runs web
want monitor 7 $web1
kill -KILL "$(pgrep -xf '\[lxc monitor\] /var/lib/lxc web')"
for ((i = 0; i < 100; i++)); do
	runs web || break
	sleep 0.1
done
want start 0 $web
check "web's second life is in the group that web-1 would have" \
	test -d /sys/fs/cgroup/lxc.payload.web-1
want monitor 7 $web1
want start 0 $web1
want monitor 0 $web1
want stop 0 $web1
check "web outlives it again" runs web
want stop 0 $web
want monitor 7 $web
echo "ok"
