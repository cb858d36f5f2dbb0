# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(lint readme COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/lint/readme.sh ${CMAKE_SOURCE_DIR})
