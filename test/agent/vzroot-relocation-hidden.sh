#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-hidden.sh [CASE...]: users of a path whose name for it is none that could be looked up.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

# hidden TEXT HOLDER...: run as a program of its own, it says "ready" on fd 9 and waits; start is refused with TEXT
hidden()
{
	local text=$1 pid

	shift
	mount -t tmpfs local /srv
	full
	mkdir -p /run/view $P/dir/sub
	truncate -s 1M $P/image
	before=$(tree $P)
	rm -f /tmp/ready && mkfifo /tmp/ready
	"$@" 9>/tmp/ready &
	pid=$!
	read -r _ </tmp/ready || fail "no holder"
	refused "$text"
	kill $pid
	wait $pid 2>/dev/null
	[[ ! -s /tmp/loop ]] || losetup -d "$(</tmp/loop)"
	rm -f /tmp/loop
	umount -l /run/view 2>/dev/null
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
	rm -rf /run/view
}
stays='echo ready >&9; exec sleep 300 9>&-'

open_in_a_chroot_elsewhere()
{
	exec unshare --mount --propagation private bash -c \
		"mount --rbind / /run/view && exec chroot /run/view bash -c 'exec 3>>$P/file; $stays'"
}
case_open_in_a_chroot_elsewhere() { hidden "open for writing" open_in_a_chroot_elsewhere; }

open_before_it_left_our_namespace()
{
	exec 3>>$P/file
	exec unshare --mount --propagation private bash -c "umount -l /srv; $stays"
}
case_open_before_it_left_our_namespace() { hidden "(sleep) has a file open" open_before_it_left_our_namespace; }

open_by_a_mount_that_is_gone()
{
	mount --bind /srv /run/view
	exec 3>>/run/view/vz/file
	umount -l /run/view
	eval "$stays"
}
case_open_by_a_mount_that_is_gone() { hidden "open for writing" open_by_a_mount_that_is_gone; }

works_by_a_mount_that_is_gone()
{
	mount --bind /srv /run/view
	cd /run/view/vz/dir/sub || exit 1
	umount -l /run/view
	eval "$stays"
}
case_works_by_a_mount_that_is_gone() { hidden "(sleep) works in sub" works_by_a_mount_that_is_gone; }

directory_by_a_mount_that_is_gone()
{
	mount --bind $P/dir /run/view
	exec 3</run/view/sub
	umount -l /run/view
	eval "$stays"
}
case_directory_by_a_mount_that_is_gone() { hidden "(sleep) has opened sub" directory_by_a_mount_that_is_gone; }

# A copy of a mount that only its descriptor leads to.
open_by_a_mount_without_a_place()
{
	exec python3 -c "import ctypes, os, time
fd = ctypes.CDLL(None).syscall(428, -100, b'/srv', 1 | 0o2000000)
if fd < 0:
	raise SystemExit('no open_tree')
file = os.open('vz/file', os.O_WRONLY, dir_fd=fd)
os.write(9, b'ready\n')
time.sleep(300)"
}
case_open_by_a_mount_without_a_place() { hidden "open for writing" open_by_a_mount_without_a_place; }

in_a_message()
{
	exec python3 -c "import array, os, socket, time
a, b = socket.socketpair()
fd = os.open('$P/file', os.O_WRONLY)
a.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))])
os.close(fd)
os.write(9, b'ready\n')
time.sleep(300)"
}
case_in_a_message() { hidden "open for writing" in_a_message; }

loop_elsewhere()
{
	exec unshare --mount --propagation private bash -c \
		"mount --bind /srv /run/view && losetup --show -f /run/view/vz/image >/tmp/loop && umount -l /run/view; $stays"
}
case_loop_elsewhere() { hidden "image is open for writing" loop_elsewhere; }

cases "$@"
