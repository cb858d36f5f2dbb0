#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drbddisk as a promotable clone when the replication link fails alone, which has a network of its own
# here: with DRBD's fence-peer handlers, and without them. Then a device that somebody holds open at
# demote: the holder is named, the node is fenced, the other one goes on.

# shellcheck disable=SC2317 # functions are called through ok and bed_wait
# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=promotable-lib.sh
. "$(dirname "$0")/promotable-lib.sh"
vm_enter "$@"
PM_NET=10.78.0
pm_prepare fencing
pm_boot

config()
{
	pm_config | sed 's/op stop timeout=60s/op stop timeout=25s/; s/op demote timeout=60s/op demote timeout=25s/'
}

pm_cluster config
ok "the data is served" pm_runs_on 1 120
ok "it is written to" pm_acks_grow
ok "replicated" bed_wait 30 pm_is 1 "Primary UpToDate Connected"

link()
{
	ip link set "n$1-world" "$2"
}
fenced_by_handler()
{
	vm_run 1 cibadmin -Q -o constraints | grep "drbd-fence-by-handler-r0"
}
link 2 down
ok "with handlers: the peer is fenced out by a constraint" bed_wait 60 fenced_by_handler
ok "writing goes on" pm_acks_grow 60
vm_power_off 1
no_promotion()
{
	local i

	for i in {1..12}; do
		pm_role 2 | grep Primary && return 1
		sleep 2.5
	done
	pm_role 2
}
ok "the stale node is not promoted when the good one dies" no_promotion
# Only when the cluster has had it shot, or the shot hits the node that comes back.
fenced_off()
{
	grep ' off node1$' "$VM_LAB/power.log"
}
ok "the dead node was fenced" bed_wait 120 fenced_off
link 2 up
vm_power_on 1
vm_wait 1
pm_node_starts 1
ok "the good node returns and serves the data" pm_runs_on 1 180
ok "it is written to again" pm_acks_grow 60
ok "the other one syncs" bed_wait 120 pm_is 2 "Secondary UpToDate Connected"
ok "nothing lost with handlers" pm_nothing_lost 1

# Without handlers nothing keeps a stale node from being promoted once the good one dies too; but while it
# lives, it stays the only one.
for n in 1 2; do
	vm_sh $n 'sed -i "/fence-peer/d; /after-resync-target/d; s/fencing resource-and-stonith;//" \
		/etc/drbd.d/r0.res && ! grep -q fenc /etc/drbd.d/r0.res && drbdadm adjust r0' >"$VM_LAB/adjust.txt" 2>&1
	ok "node$n: no handlers" test $? = 0
done
pm_watch_roles
link 2 down
cut()
{
	[[ $(pm_role 1) == *WFConnection && $(pm_role 2) == *WFConnection ]]
}
ok "without handlers: the link is cut" bed_wait 60 cut
lone_is_reported()
{
	pm_status 1 | grep "returned 'OCF_DEGRADED'.*r0: not connected to the peer"
}
ok "reported" bed_wait 40 lone_is_reported
ok "writing goes on without a replica" pm_acks_grow 60
sleep 15
link 2 up
ok "joined again it syncs" bed_wait 180 pm_is 2 "Secondary UpToDate Connected"
ok "never two Primaries" pm_never_two
ok "nothing lost without handlers" pm_nothing_lost 1

# Held open where no Filesystem resource can see it.
# shellcheck disable=SC2016 # for the node's shell
vm_sh 1 'setsid sleep 3000 </dev/drbd0 >/dev/null 2>&1 & echo $! >/run/holder'
: >"$VM_LAB/power.log"
vm_run 1 crm_resource --move -r drbd-clone --promoted --node node2 >/dev/null 2>&1
holder_is_named()
{
	vm_sh 1 'grep "held by: .*sleep" /var/log/pacemaker/pacemaker.log' || pm_status 2 | grep "held by: .*sleep"
}
ok "busy at demote: the holder is named" bed_wait 60 holder_is_named
ok "the node that cannot give it up is fenced" bed_wait 120 fenced_off
ok "the other one serves the data" pm_runs_on 2 150
ok "it is written to there" pm_acks_grow 60
ok "nothing lost by the fencing" pm_nothing_lost 2
pm_finish
