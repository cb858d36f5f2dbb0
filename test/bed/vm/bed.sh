# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015 # a && b || fail is meant
#
# bed.sh - cluster nodes as virtual machines: the only bed with the real DRBD module
#
#	#!/bin/bash
#	. "$(dirname "$0")/../bed/vm/bed.sh"
#	vm_enter "$@"		# first: builds the image, re-executes the script inside a lab of its own
#	vm_up			# networks, outside host
#	vm_power_on 1; vm_power_on 2
#	vm_wait 1; vm_wait 2	# until they answer
#	vm_run 1 drbdadm up r0	# a command in node1; output on stdout, its exit code
#	vm_sh 1 'script'	# the same for a line of bash
#	vm_power_off 1		# power cut: SIGKILL of the hypervisor process; vm_power_on starts it again
#	vm_cable 2 cut|join	# the ring's cable
#	outside_run ping ...	# a command on the outside host, 192.168.46.1
#
# The lab is a set of namespaces with this script as process 1: however the script ends, every
# virtual machine, link and process goes with it. Disks live in a directory of the lab ($VM_LAB).
# $VZHA_STAGE (the installed tree) and every directory added with vm_put_tree are unpacked into each
# node at its first boot. Guests run on TCG; on KVM only where that was seen to work.

# shellcheck source-path=SCRIPTDIR source=../node/bed.sh
. "$(dirname "${BASH_SOURCE[0]}")/../node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=image.sh
. "$(dirname "${BASH_SOURCE[0]}")/image.sh"

VM_MEMORY_MIB=768
VM_DRBD_MIB=128
VM_TREES=()

# vm_put_tree DIR: its content will be in every node, from the first boot on
vm_put_tree()
{
	VM_TREES+=("$1")
}

# vm_enter "$@": the image first, while the network is still the machine's, then into the lab
vm_enter()
{
	local tool

	for tool in qemu-system-x86_64 qemu-img mmdebstrap socat cpio; do
		command -v "$tool" >/dev/null || bed_skip "no $tool"
	done
	[[ -c /dev/net/tun ]] || bed_skip "no /dev/net/tun"
	vm_image || bed_fail "no image for the virtual machines"
	bed_enter "$@"
}

vm_up()
{
	local name

	[[ -n ${BED_INSIDE-} && $$ -eq 1 ]] || bed_fail "vm_up outside of a lab; vm_enter first"
	trap vm_down EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	VM_LAB=$(mktemp -d "$VM_CACHE/lab.XXXXXX") || bed_fail "no directory for the lab"
	ip link set lo up
	for name in ring world mgmt; do
		ip link add "$name" type bridge forward_delay 0 mcast_snooping 0 &&
			ip link set "$name" up || bed_fail "no bridge $name"
	done
	ip addr add 10.79.0.254/24 dev mgmt
	ip addr add 10.77.0.254/24 dev ring
	vm_outside_up || bed_fail "no outside host"
	tar -c -f "$VM_LAB/put.tar" --files-from /dev/null
	for name in ${VZHA_STAGE:+"$VZHA_STAGE"} ${VM_TREES[@]+"${VM_TREES[@]}"}; do
		# By its entries: "." would give the node's root directory the mode of ours.
		(cd "$name" && find . -mindepth 1 -maxdepth 1 -print0 |
			tar -r -f "$VM_LAB/put.tar" --owner=0 --group=0 --null --files-from -) ||
			bed_fail "cannot put $name into the nodes"
	done
}

# The outside host of the article: 192.168.46.1, with the containers' network behind the router.
vm_outside_up()
{
	setsid unshare --net sleep infinity &
	VM_OUTSIDE=$!
	disown
	bed_wait 5 bed_other_netns "$VM_OUTSIDE" || return 1
	ip link add world-out type veth peer name eth0 netns "$VM_OUTSIDE" &&
		ip link set world-out master world up &&
		outside_run ip addr add 192.168.46.1/24 brd + dev eth0 &&
		outside_run ip link set eth0 up &&
		outside_run ip route add 192.168.199.0/24 via 192.168.46.200
}

outside_run()
{
	nsenter -t "$VM_OUTSIDE" -n -- "$@"
}

vm_disks()
{
	local dir=$VM_LAB/node$1

	[[ ! -d $dir ]] || return 0
	mkdir "$dir" &&
		qemu-img create -q -f qcow2 -b "$VM_ROOT" -F raw "$dir/root.qcow2" &&
		truncate -s "${VM_DRBD_MIB}M" "$dir/drbd.raw"
}

vm_tap()
{
	ip link del "$1" 2>/dev/null
	ip tuntap add "$1" mode tap && ip link set "$1" master "$2" up
}

# vm_power_on N: returns at once; vm_wait N waits for the node
vm_power_on()
{
	local n=$1 dir=$VM_LAB/node$1 accel=(-accel kvm -cpu host) net=() i=0 bridge

	vm_is_on "$n" && bed_fail "node$n runs already"
	[[ $VM_ACCEL == kvm ]] || accel=(-accel "tcg,thread=multi" -cpu max)
	vm_disks "$n" || bed_fail "no disks for node$n"
	for bridge in ring world mgmt; do
		vm_tap "n$n-$bridge" "$bridge" || bed_fail "no tap n$n-$bridge"
		net+=(-netdev "tap,id=net$i,ifname=n$n-$bridge,script=no,downscript=no"
			-device "virtio-net-pci,netdev=net$i,mac=52:54:00:0$i:00:0$n,romfile=")
		i=$((i + 1))
	done
	setsid qemu-system-x86_64 "${accel[@]}" -machine q35 -smp 1 -m "$VM_MEMORY_MIB" \
		-nodefaults -display none -no-reboot -serial "file:$dir/console.txt" \
		-kernel "$VM_KERNEL" -initrd "$VM_INITRD" \
		-append "console=ttyS0 mitigations=off tsc=reliable no_timer_check nokaslr quiet panic=-1 vz.node=$n" \
		-drive "file=$dir/root.qcow2,if=virtio,format=qcow2,cache=writeback" \
		-drive "file=$dir/drbd.raw,if=virtio,format=raw" \
		-drive "file=$VM_LAB/put.tar,if=virtio,format=raw,readonly=on" \
		"${net[@]}" >"$dir/qemu.txt" 2>&1 </dev/null &
	echo $! >"$dir/pid"
	disown
}

# vm_switch_up: the power switch that fence_vzlab asks, on the lab's side of the console network
vm_switch_up()
{
	export VM_LAB VM_KERNEL VM_INITRD VM_ROOT VM_ACCEL VZHA_SOURCE_DIR
	setsid socat TCP-LISTEN:7000,bind=10.79.0.254,fork,reuseaddr \
		EXEC:"$VM_DIR/power-switch" >"$VM_LAB/switch.txt" 2>&1 </dev/null &
	disown
	bed_wait 5 vm_switch_listens || bed_fail "no power switch"
}

vm_switch_listens()
{
	ss -ltn | grep -q ':7000'
}

vm_is_on()
{
	local pid

	read -r pid 2>/dev/null <"$VM_LAB/node$1/pid" && kill -0 "$pid" 2>/dev/null
}

vm_is_off()
{
	! vm_is_on "$1"
}

# vm_power_off N: the plug is pulled. Nothing in the node gets to say a word.
vm_power_off()
{
	local pid

	read -r pid 2>/dev/null <"$VM_LAB/node$1/pid" || return 0
	kill -KILL "$pid" 2>/dev/null
	bed_wait 10 vm_is_off "$1" && rm -f "$VM_LAB/node$1/pid"
}

vm_cable()
{
	local state=down

	[[ $2 != join ]] || state=up
	ip link set "n$1-ring" $state
}

# vm_sh N 'SCRIPT': exit code of the script; 255 when the node does not answer
vm_sh()
{
	local n=$1 out code

	# The node's socat has been seen to stay although its child was gone: the last line ends it.
	out=$({
		# A node whose power is cut says nothing more, not even that it is gone.
		printf '%s' "$2" | timeout "${VM_TIMEOUT:-600}" socat -t "${VM_TIMEOUT:-600}" - \
			"TCP:10.79.0.$n:514,connect-timeout=5" 2>/dev/null &
	} | sed '/^@exit [0-9]*$/q')
	code=${out##*@exit }
	[[ $out == *"@exit "* && $code =~ ^[0-9]+$ ]] || {
		printf '%s' "$out"
		return 255
	}
	out=${out%@exit *}
	out=${out%$'\n'}
	[[ -z $out ]] || printf '%s\n' "${out%$'\n'}"
	return "$code"
}

vm_run()
{
	local n=$1

	shift
	vm_sh "$n" "$(printf '%q ' "$@")"
}

# vm_put N PATH [MODE]: standard input becomes that file
vm_put()
{
	vm_sh "$1" "mkdir -p $(dirname "$2") && base64 -d >$2 <<'END'
$(base64)
END
chmod ${3:-644} $2"
}

vm_wait()
{
	bed_wait "${2:-90}" vm_answers "$1" || {
		tail -n 30 "$VM_LAB/node$1/console.txt" "$VM_LAB/node$1/qemu.txt" >&2
		bed_fail "node$1 does not come up"
	}
}

vm_answers()
{
	VM_TIMEOUT=5 vm_sh "$1" "test -e /vzlab/unpacked"
}

vm_down()
{
	local status=$? n

	trap - EXIT
	for n in 1 2; do
		[[ -d ${VM_LAB-}/node$n ]] && vm_power_off "$n"
	done
	[[ -z ${VM_LAB-} ]] || rm -rf "$VM_LAB"
	for n in ${VM_TREES[@]+"${VM_TREES[@]}"}; do
		[[ $n != "$VM_CACHE"/tree.* ]] || rm -rf "$n"
	done
	return "$status"
}
