# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET veth-bridge)
  foreach(part IN ITEMS "" -announce -lxc -owner -ports -watcher)
    vzha_test(agent veth-bridge${part} TIMEOUT 300
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/veth-bridge${part}.sh)
  endforeach()
  add_executable(old-kernel agent/old-kernel.c)
  target_link_libraries(old-kernel PRIVATE project_flags)
endif()
