# SPDX-License-Identifier: GPL-2.0-or-later
# Many containers: a dozen always, a hundred in the long runs.
vzha_test(cluster containers
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cluster/hundred.sh 12 TIMEOUT 300)
vzha_test(cluster containers-hundred
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cluster/hundred.sh 100 TIMEOUT 1500)
set_property(TEST cluster.containers-hundred APPEND PROPERTY LABELS long)
