# SPDX-License-Identifier: GPL-2.0-or-later
vzha_test(cluster bed COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cluster/bed.sh)
