#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drbddisk as a promotable clone, under the real Pacemaker with fencing and DRBD's own fence-peer
# handlers: first promotion, planned move, power cut, return and resync, network cut. No record that
# was acknowledged may be missing, and no two nodes may be Primary.

# shellcheck disable=SC2317 # functions are called through ok and bed_wait
# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=promotable-lib.sh
. "$(dirname "$0")/promotable-lib.sh"
vm_enter "$@"
pm_prepare fencing
pm_boot
pm_cluster pm_config

ok "first promotion" pm_runs_on 1 120
ok "the kernel agrees" pm_is 1 "Primary UpToDate Connected"
ok "and the other is its replica" pm_is 2 "Secondary UpToDate Connected"
ok "the writer writes" pm_acks_grow

score()
{
	vm_run "$1" attrd_updater -Q -n master-drbd -A 2>&1
}

scores_are()
{
	local seen

	seen=$(score 1)
	echo "$seen"
	[[ $seen == *"host=\"node1\" value=\"$1\""* && $seen == *"host=\"node2\" value=\"$2\""* ]]
}
ok "both nodes are fit to be promoted" bed_wait 20 scores_are 10000 10000

vm_run 1 crm_resource --move -r drbd-clone --promoted --node node2 >/dev/null 2>&1
ok "planned move" pm_runs_on 2 90
ok "the writer writes on the other node" pm_acks_grow
ok "nothing lost by the move" pm_nothing_lost 2
vm_run 2 crm_resource --clear -r drbd-clone >/dev/null 2>&1

vm_power_off 2
ok "after the power cut the survivor takes over" pm_runs_on 1 120
ok "it writes" pm_acks_grow 60
ok "nothing lost by the power cut" pm_nothing_lost 1
pm_status 1 >"$VM_LAB/status"
# The lone replica is shown to people, and recovered from by nobody.
degraded()
{
	vm_sh 1 "grep -h 'ocf-exit-reason\|degraded' /var/log/pacemaker/pacemaker.log | grep 'not connected to the peer' | tail -n 1" | grep .
}
ok "the lone Primary says that nothing is replicated" bed_wait 40 degraded
ok "and is left alone" pm_runs_on 1 5

vm_power_on 2
vm_wait 2
pm_node_starts 2
ok "the node returns and syncs" bed_wait 120 pm_is 2 "Secondary UpToDate Connected"
unfenced()
{
	! vm_run 1 cibadmin -Q -o constraints | grep drbd-fence-by-handler
}
ok "the fence-peer handler's constraint is gone" bed_wait 60 unfenced
ok "both are fit again" bed_wait 60 scores_are 10000 10000

# Both nodes see the other die, both shoot; who is hit must not have acknowledged what is lost.
pm_watch_roles
vm_cable 2 cut
one_left()
{
	! vm_is_on 1 || ! vm_is_on 2
}
ok "after the network cut one node is shot" bed_wait 60 one_left
vm_cable 2 join
survivor=1
vm_is_on 1 || survivor=2
ok "the survivor, node$survivor, serves the data" pm_runs_on $survivor 120
ok "it writes" pm_acks_grow 60
ok "never two Primaries" pm_never_two
ok "nothing lost by the network cut" pm_nothing_lost $survivor
pm_finish
