# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(agent drbddisk-heartbeat COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/drbddisk-heartbeat.sh)
