# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET veth-bridge)
  foreach(part IN ITEMS "" -announce -lxc -owner -ports -watcher)
    vzha_test(agent veth-bridge${part} TIMEOUT 300
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/veth-bridge${part}.sh)
  endforeach()
  # The design's figures in full, with the benchmark's own re-creations and events.
  vzha_test(agent veth-bridge-churn TIMEOUT 7200
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bench/veth-bridge.sh churn)
  vzha_test(agent veth-bridge-200-starts TIMEOUT 3600
    COMMAND env VZHA_STARTS=200 ${CMAKE_CURRENT_SOURCE_DIR}/agent/veth-bridge-lxc.sh)
  set_tests_properties(agent.veth-bridge-churn agent.veth-bridge-200-starts PROPERTIES
    LABELS "agent;long")
  add_executable(old-kernel agent/old-kernel.c)
  target_link_libraries(old-kernel PRIVATE project_flags)
endif()
