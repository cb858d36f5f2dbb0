# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015,SC2016 # a && b || fail is meant; for the nodes' shell
#
# article.sh - the article's three containers on a disk that the nodes of bed.sh share
#
#	article_disk node1 r0.img	# /lab/r0.img: router, mail and dbms below vz/var/lib/lxc
#
# router 192.168.46.200 (the node's eth1, moved in) and 192.168.199.1, mail 192.168.199.2, dbms
# 192.168.199.3; the host ends are veth101.0 to veth103.0. What is in the containers is said once, in
# the article of the virtual machines.

# shellcheck source-path=SCRIPTDIR source=../vm/article.sh
. "$BED_DIR/../vm/article.sh"

article_files()
{
	local path=/run/disk/vz/var/lib/lxc/$2

	node_sh "$1" "mkdir -p $path/rootfs && cd $path/rootfs && mkdir -p bin sbin dev etc proc sys tmp root &&
		cp /bin/busybox bin/busybox && ln -sf busybox bin/sh && ln -sf ../bin/busybox sbin/ip" &&
		article_config "$2" "$3" "$4" "$5" | node_sh "$1" "cat >$path/config" &&
		article_init "$2" | node_sh "$1" "cat >$path/rootfs/sbin/init && chmod 755 $path/rootfs/sbin/init"
}

article_disk()
{
	container_disk "$2"
	node_sh "$1" 'mkdir /run/disk && mount -o loop "/lab/$1" /run/disk' "$2" &&
		article_files "$1" router veth101.0 00:12:34:56:78:9b 192.168.199.1/24 &&
		article_files "$1" mail veth102.0 00:12:34:56:78:9d 192.168.199.2/24 &&
		article_files "$1" dbms veth103.0 00:12:34:56:78:9f 192.168.199.3/24 &&
		node_sh "$1" 'umount /run/disk && rmdir /run/disk' || bed_fail "no containers on the shared disk"
}
