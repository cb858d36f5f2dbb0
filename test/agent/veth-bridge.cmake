# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET veth-bridge)
  vzha_test(agent veth-bridge
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/veth-bridge.sh TIMEOUT 300)
endif()
