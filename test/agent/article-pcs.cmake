# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(agent article-pcs COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bed/node/in-node
          ${CMAKE_CURRENT_SOURCE_DIR}/agent/article-pcs.sh)
