# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# container.sh - inside a throw-away node: the container 101 for the stand-in
#
#	vzctl_container		its files, with an init that a good `halt` ends; without vzctl itself

vzctl_container()
{
	mkdir -p /etc/vz/conf /vz/{lock,dump,root} /vz/private/101/{bin,sbin,dev,proc,tmp}
	cat >/etc/vz/vz.conf <<-'EOT'
	LOCKDIR=/vz/lock
	DUMPDIR="/vz/dump"
	VE_ROOT=/vz/root/$VEID
	VE_PRIVATE=/vz/private/$VEID
	STOP_TIMEOUT="10"
	EOT
	echo 'NETIF="ifname=eth0,bridge=br0,host_ifname=veth101.0"' >/etc/vz/conf/101.conf
	cp /bin/busybox /vz/private/101/bin/
	local tool
	for tool in sh sleep touch; do
		ln -s busybox "/vz/private/101/bin/$tool"
	done
	cat >/vz/private/101/sbin/init <<-'EOT'
	#!/bin/sh
	trap 'exit 0' USR2
	/bin/busybox ip link set eth0 up
	while :; do /bin/sleep 1000 & wait; done
	EOT
	printf '#!/bin/sh\nkill -USR2 1\n' >/vz/private/101/sbin/halt
	chmod +x /vz/private/101/sbin/*
}
