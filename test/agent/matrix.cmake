# SPDX-License-Identifier: GPL-2.0-or-later
foreach(agent drbddisk vzroot-relocation veth-bridge vz-container vz-container-vzctl)
  vzha_test(agent matrix-${agent} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/matrix.sh ${agent})
endforeach()
