# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET agent-veth-bridge)
  vzha_unit_test(veth-bridge-ports SOURCES unit/veth-bridge-ports.c LIBS agent-veth-bridge nlbridge)
  target_compile_definitions(test-veth-bridge-ports PRIVATE
    VZ_LIST_FIXTURE="${CMAKE_CURRENT_SOURCE_DIR}/unit/veth-bridge-list.txt")
endif()
