# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(agent drbddisk-heartbeat COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/drbddisk-heartbeat.sh)

# A stand-in for DRBD's netlink; see the file.
add_library(fake-drbd-kernel MODULE fake/drbd/kernel.c)
set_target_properties(fake-drbd-kernel PROPERTIES PREFIX "")
target_link_libraries(fake-drbd-kernel PRIVATE project_flags PkgConfig::NL PkgConfig::NL_GENL)
vzha_test(agent drbddisk-netlink COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/drbddisk-netlink.sh)
