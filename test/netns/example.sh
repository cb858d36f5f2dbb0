#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# example.sh: the example is built as a newcomer does, from what is installed, and works.

stage=${VZHA_STAGE:?}
[[ -d $stage/usr ]] || {
	echo "nothing is installed in $stage"
	exit 1
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
pc=$(find "$stage" -name libnlbridge.pc)
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$stage
# shellcheck disable=SC2046 # words
cc -o "$dir/example" "$(find "$stage" -name nlbridge-announce.c)" \
	$(pkg-config --cflags --libs libnlbridge) || exit 1
library=$(find "$stage" -name libnlbridge.so.1)
# shellcheck disable=SC2016 # for that shell
unshare --net --mount env "LD_LIBRARY_PATH=${library%/*}" bash -ec '
	mount -t sysfs sysfs /sys
	ip link add v0 type veth peer name v1
	ip link set v0 up
	ip link set v1 up
	before=$(cat /sys/class/net/v1/statistics/rx_packets)
	"$1" v0
	after=$(cat /sys/class/net/v1/statistics/rx_packets)
	((after >= before + 3)) || { echo "nothing was sent"; exit 1; }
	! "$1" nosuch || exit 1
	# What keeps an answer from being read is said as it is; one that was lost, as late.
	for case in "EIO Input/output error" "ENOBUFS Connection timed out"; do
		! strace -qq -o /dev/null -e "inject=recvfrom:error=${case%% *}:when=1" "$1" v0 2>"$2/said" ||
			exit 1
		grep -F "${case#* }" "$2/said" || { cat "$2/said"; exit 1; }
	done' bash "$dir/example" "$dir"
