# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # for the scripts that source it
#
# vz-container-on-vzctl.sh - a container as the stand-in in test/fake/vzctl makes it, for
# vz-container's tests; see vz-container-behaviours.sh. Its processes, namespaces, control groups,
# files and locks are real, OpenVZ it is not.

CT=101
CONF=/etc/vz/conf/101.conf
PRIVATE=/vz/private/101
GROUP=vz-101
AUTOSTART='ONBOOT="yes"'
NO_AUTOSTART='ONBOOT="no"'
TOOLS=(/usr/sbin/vzctl)
STORAGE=/vz/private
NO_CONFIG="no OpenVZ container 101"
NO_TOOL="no vzctl"
params=(OCF_RESKEY_ctid=101 OCF_RESKEY_engine=vzctl)

# shellcheck source-path=SCRIPTDIR source=../fake/vzctl/container.sh
. "$(dirname "$0")/../fake/vzctl/container.sh"

ct_make()
{
	vzctl_container
	cp "$PRIVATE/sbin/init" /run/init.good
}

ct_install()
{
	install -m 755 "$VZHA_BINARY_DIR/test/fake-vzctl" /usr/sbin/vzctl
}

ct_init()
{
	local pid
	for pid in $(members "$GROUP"); do
		[[ $(awk '/^NSpid/ {print $NF}' "/proc/$pid/status") != 1 ]] || echo "$pid"
	done
}

ct_all_gone()
{
	gone "$GROUP"
}

ct_exec()
{
	vzctl exec2 101 "$1"
}

halt_is()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$PRIVATE/sbin/halt"
}

halt_is_good()
{
	halt_is 'kill -USR2 1'
}

mounted()
{
	grep -q ' /vz/root/101 ' /proc/self/mountinfo
}

ct_nothing_mounted()
{
	! mounted
}

config()
{
	printf '%s\n' "$@" >>"$CONF"
}

ct_is_deaf()
{
	halt_is 'trap "" TERM; while :; do sleep 1; done'
}

ct_dies_at_once()
{
	printf '#!/bin/sh\nexit 0\n' >"$PRIVATE/sbin/init"
}

ct_takes_nic()
{
	config "NETDEV=\"$1\""
}

# An OpenVZ kernel hands a NIC back to the host. This one hands back hardware only, and to the
# machine's own namespace; a veth goes with the container's. So a new one stands for it.
ct_nic_is_back()
{
	eventually "NIC $1 has left the container" ip link add "$1" type veth peer name ph1
}

ct_is_good()
{
	halt_is_good
	cp /run/init.good "$PRIVATE/sbin/init"
	sed -i '/^NETDEV/d; /^ONBOOT/d' "$CONF"
}
