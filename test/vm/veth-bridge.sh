#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# veth-bridge on a kernel that has VLAN filtering: who is in which VLAN, behind our back and
# reloaded, and announcements that a second bridge learns from in the right VLAN.

# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
vm_enter "$@"

vm_up
vm_power_on 1
vm_wait 1
vm_put 1 /root/vlans.sh 755 <"$(dirname "$0")/veth-bridge-vlans.sh" || bed_fail "cannot put the test"
vm_run 1 bash /root/vlans.sh
