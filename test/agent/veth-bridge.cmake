# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET veth-bridge)
  foreach(part IN ITEMS veth-bridge veth-bridge-announce veth-bridge-ports veth-bridge-watcher veth-bridge-lxc)
    vzha_test(agent ${part} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/${part}.sh TIMEOUT 300)
  endforeach()
  add_executable(old-kernel agent/old-kernel.c)
  target_link_libraries(old-kernel PRIVATE project_flags)
endif()
