# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/agent)
foreach(agent drbddisk vzroot-relocation veth-bridge vz-container)
  if(TARGET ${agent})
    vzha_test(agent ocf-tester-${agent} COMMAND ${here}/ocf-tester.sh ${agent})
    vzha_test(agent front-doors-${agent} COMMAND ${here}/front-doors.sh ${agent})
    # Without DRBD in the kernel drbddisk has to ask drbdsetup, so that its real monitor is only
    # seen in the virtual machines.
    if(NOT agent STREQUAL drbddisk)
      vzha_test(agent monitor-forks-nothing-${agent}
        COMMAND ${here}/monitor-forks-nothing.sh ${agent})
    endif()
  endif()
endforeach()
