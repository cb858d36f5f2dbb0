# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # for the scripts that source it
#
# vz-container-on-lxc.sh - an LXC container for vz-container's tests; see vz-container-behaviours.sh

CT=mail
CONF=/var/lib/lxc/mail/config
GROUP=lxc.payload.mail
AUTOSTART='lxc.start.auto = 1'
NO_AUTOSTART='lxc.start.auto = 0'
TOOLS=(/usr/bin/lxc-*)
STORAGE=/var/lib/lxc
NO_CONFIG="no LXC container mail below /var/lib/lxc"
NO_TOOL="lxc-start"
params=(OCF_RESKEY_ctid=mail OCF_RESKEY_engine=lxc)

# make NAME [LXCPATH]: a busybox container whose init shuts down when asked
make()
{
	local path=${2-/var/lib/lxc}
	lxc-create -t busybox -n "$1" -P "$path" >/dev/null || fail "lxc-create"
	sed -i '/^lxc.net/d' "$path/$1/config"
	printf 'lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net.0.flags = up\n' \
		>>"$path/$1/config"
	printf '#!/bin/sh\nip link set lo up\n' >"$path/$1/rootfs/etc/init.d/rcS"
}

ct_make()
{
	make mail
}

ct_install()
{
	:
}

monitor_pid()
{
	pgrep -f '^\[lxc monitor\] .* mail$'
}

ct_init()
{
	local pid
	pid=$(monitor_pid) && pgrep -P "$pid" -x init
}

# LXC's monitor outlives init by a moment.
ct_all_gone()
{
	gone "$GROUP" && ! monitor_pid >/dev/null
}

ct_exec()
{
	lxc-attach -n mail -- sh -c "$1"
}

config()
{
	cp "$CONF" /run/config.good
	printf '%s\n' "$@" >>"$CONF"
}

restore_config()
{
	cp /run/config.good "$CONF"
}

ct_is_deaf()
{
	config "lxc.signal.halt = SIGURG"
}

ct_dies_at_once()
{
	config "lxc.init.cmd = /bin/false"
}

ct_takes_nic()
{
	config "lxc.net.1.type = phys" "lxc.net.1.link = $1" "lxc.net.1.name = $1"
}

ct_nic_is_back()
{
	eventually "NIC $1 is back under its name" test -e "/sys/class/net/$1"
}

ct_is_good()
{
	restore_config
}

ct_nothing_mounted()
{
	:
}
