# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # agent and params are the result
#
# fixture.sh - inside a throw-away node: what an agent needs to be started for real
#
#	fixture AGENT	makes it, and sets agent=PATH and params=(NAME=VALUE ...)
#			"vz-container" has a real LXC container, "vz-container-vzctl" one of vzctl
#
# DRBD and vzctl are declared stand-ins here (test/fake); the real DRBD is in the virtual machines.

fixture()
{
	agent=/usr/lib/ocf/resource.d/vzha/${1%-vzctl}
	params=()
	[[ -e /run/vzha-node ]] || {
		echo "$0: not in a node; use test/bed/node/in-node" >&2
		exit 1
	}
	[[ -x $agent ]] || {
		echo "$0: no $agent: is VZHA_STAGE set and filled?" >&2
		exit 1
	}
	case $1 in
	drbddisk) fixture_drbddisk ;;
	vzroot-relocation) fixture_vzroot_relocation ;;
	veth-bridge) params=(bridge=br0 uplink=eth1) ;;
	vz-container) fixture_vz_container ;;
	vz-container-vzctl) fixture_vzctl ;;
	esac || {
		echo "$0: cannot make what $1 needs" >&2
		exit 1
	}
}

fixture_drbddisk()
{
	params=(drbd_resource=r0)
	"$VZHA_SOURCE_DIR/test/fake/drbd/install" /lab/drbd r0 /lab/r0.img
}

fixture_vzroot_relocation()
{
	params=(shared=/d0/vz paths=/var/lib/lxc)
	mkdir -p /d0 && mount -t tmpfs shared /d0 && mkdir -p /d0/vz/var/lib/lxc/ct101 &&
		echo here >/d0/vz/var/lib/lxc/ct101/config
}

fixture_vz_container()
{
	params=(ctid=ct101 engine=lxc)
	lxc-create -t busybox -n ct101 >/dev/null &&
		sed -i '/^lxc.net/d; /^lxc.apparmor/d' /var/lib/lxc/ct101/config &&
		printf '%s\n' 'lxc.apparmor.profile = unconfined' 'lxc.net.0.type = empty' \
			>>/var/lib/lxc/ct101/config
}

fixture_vzctl()
{
	# shellcheck source=/dev/null
	. "$VZHA_SOURCE_DIR/test/fake/vzctl/container.sh"
	params=(ctid=101 engine=vzctl start_wait=0)
	vzctl_container && install -m 755 "$VZHA_BINARY_DIR/test/fake-vzctl" /usr/sbin/vzctl
}
