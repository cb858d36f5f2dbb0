# SPDX-License-Identifier: GPL-2.0-or-later
# valgrind cannot run what sanitizers have changed: test/build runs the agents with those.
if(NOT VZHA_SANITIZE)
  foreach(agent drbddisk vzroot-relocation veth-bridge vz-container vz-container-vzctl)
    vzha_test(agent memory-${agent} TIMEOUT 300
              COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/memory.sh ${agent})
  endforeach()
endif()
