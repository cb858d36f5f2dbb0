# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(agent bad-input COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bed/node/in-node
          ${CMAKE_CURRENT_SOURCE_DIR}/agent/bad-input.sh)
