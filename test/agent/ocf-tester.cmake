# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/agent)
foreach(agent drbddisk vzroot-relocation veth-bridge vz-container)
  vzha_test(agent ocf-tester-${agent} COMMAND ${here}/ocf-tester.sh ${agent})
  vzha_test(agent front-doors-${agent} COMMAND ${here}/front-doors.sh ${agent})
endforeach()
vzha_test(agent ocf-tester-drbddisk-promotable COMMAND ${here}/ocf-tester.sh drbddisk promotable)
# Without DRBD in the kernel drbddisk has to ask drbdsetup: the virtual machines see its monitor.
foreach(agent vzroot-relocation veth-bridge vz-container)
  vzha_test(agent monitor-forks-nothing-${agent}
    COMMAND ${here}/monitor-forks-nothing.sh ${agent})
endforeach()
