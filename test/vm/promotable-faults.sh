#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drbddisk as a promotable clone, two resources at once (one with an odd name): a backing disk that goes away
# under load; then a split brain made by hand in maintenance mode, and a refresh. With scores from before the
# maintenance Pacemaker 2.1.5 may move the role to the preferred node, and restart the replica when its promotion is
# refused. The data that was in use must go on, on the node where it was.

# shellcheck disable=SC2317 # functions are called through ok and bed_wait
# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=promotable-lib.sh
. "$(dirname "$0")/promotable-lib.sh"
vm_enter "$@"
pm_prepare fencing
pm_boot

config()
{
	pm_config | sed 's/op stop timeout=60s/op stop timeout=25s/; s/op demote timeout=60s/op demote timeout=25s/'
	pm_clone mail mail-data_1.x
	cat <<-END
	primitive maildisk ocf:heartbeat:Filesystem \\
		params device=/dev/drbd11 directory=/d1 fstype=ext4 \\
		op start timeout=60s interval=0 op stop timeout=60s interval=0
	colocation maildisk-with-mail inf: maildisk mail-clone:Master
	order mail-then-maildisk Mandatory: mail-clone:promote maildisk:start
	location mail-on-node2 mail-clone rule \$role=Master 50: #uname eq node2
	END
}

pm_cluster config

both_run()
{
	pm_runs_now 1 && pm_status 1 | grep -E "^ *\* maildisk.*Started node2"
}
ok "two resources at once, one Primary on each node" bed_wait 150 both_run
ok "the one with the odd name in the kernel, too" test "$(pm_role 2 11 | cut -d' ' -f1-2)" = "Primary UpToDate"

# A disk that goes away under load. The peer has all the data, and so may take over.
vm_run 1 drbdadm detach r0 >/dev/null 2>&1
serves()
{
	pm_runs_now 1 || pm_runs_now 2
}
ok "after detach the data is served all the same" bed_wait 90 serves
ok "it is written to" pm_acks_grow 60
moved()
{
	pm_runs_now 2 && pm_is 1 "Secondary Diskless Connected"
}
ok "the promoted role goes to the node with the disk" bed_wait 120 moved
diskless_is_reported()
{
	pm_status 1 | grep "returned 'OCF_DEGRADED'.*r0: the data on this node is not UpToDate"
}
ok "the diskless replica is reported" bed_wait 40 diskless_is_reported
vm_run 1 drbdadm attach r0 >/dev/null 2>&1
ok "attached again it syncs" bed_wait 180 pm_is 1 "Secondary UpToDate Connected"
ok "nothing lost by the detach" pm_nothing_lost 2

# Split brain: two histories, made by hand behind the cluster's back. Nobody may choose for people.
maintenance()
{
	# This Pacemaker does not begin the monitors again by itself: a refresh does.
	vm_sh 1 "crm_attribute -t crm_config -n maintenance-mode -v $1; crm_resource --wait --timeout=60
		test $1 = true || crm_resource --refresh; crm_resource --wait --timeout=60" \
		>"$VM_LAB/maintenance.txt" 2>&1
}
maintenance true
vm_run 2 drbdadm disconnect r0 >/dev/null 2>&1
vm_sh 1 'drbdadm disconnect r0; drbdsetup primary 0 --force=yes || drbdadm primary --force r0
	dd if=/dev/zero of=/dev/drbd0 bs=4k count=1 seek=12000 conv=fsync; drbdadm secondary r0' >"$VM_LAB/split.txt" 2>&1
vm_sh 1 'drbdadm connect r0' >/dev/null 2>&1
vm_sh 2 'drbdadm connect r0' >/dev/null 2>&1
split()
{
	local seen

	seen="$(pm_role 1), $(pm_role 2)"
	echo "$seen"
	[[ $seen == *StandAlone* && $seen != *Connected* ]]
}
ok "a split brain is there" bed_wait 40 split
maintenance false
split_is_reported()
{
	pm_status 2 | grep "r0: .*StandAlone"
}
ok "it is reported" bed_wait 60 split_is_reported
ok "the data in use goes on" pm_acks_grow 120
sleep 20
ok "after many monitors it is a split brain still" split
ok "where it was" bed_wait 60 pm_runs_now 2
vm_sh 1 'drbdadm disconnect r0; drbdadm -- --discard-my-data connect r0' >/dev/null 2>&1
vm_sh 2 'drbdadm connect r0' >/dev/null 2>&1
ok "resolved by hand it syncs" bed_wait 60 pm_is 1 "Secondary UpToDate Connected"
forgotten()
{
	vm_sh 1 'ls /run/vzha; ! ls /run/vzha/standalone/*' && vm_sh 2 'ls /run/vzha; ! ls /run/vzha/standalone/*'
}
ok "and what was remembered of it is forgotten" bed_wait 30 forgotten
ok "nothing lost by the split brain" pm_nothing_lost 2
pm_finish
