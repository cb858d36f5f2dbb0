# SPDX-License-Identifier: GPL-2.0-or-later
# A sample of the faults each time, all of them in long runs.
foreach(agent drbddisk vzroot-relocation veth-bridge vz-container vz-container-vzctl)
  vzha_test(agent faults-${agent} TIMEOUT 300
            COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/faults.sh ${agent} 20)
  vzha_test(agent faults-all-${agent} TIMEOUT 3600
            COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/faults.sh ${agent})
  set_tests_properties(agent.faults-all-${agent} PROPERTIES LABELS "agent;long")
endforeach()
