# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET vz-container)
  vzha_test(agent vz-container-lxc
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-lxc.sh TIMEOUT 300)
endif()
