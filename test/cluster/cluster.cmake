# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/cluster)
vzha_test(cluster bed COMMAND ${here}/bed.sh)
vzha_test(cluster pacemaker-crm COMMAND ${here}/pacemaker.sh crm TIMEOUT 240)
vzha_test(cluster pacemaker-pcs COMMAND ${here}/pacemaker.sh pcs TIMEOUT 240)
vzha_test(cluster quorum COMMAND ${here}/quorum.sh TIMEOUT 240)
vzha_test(cluster heartbeat COMMAND ${here}/heartbeat.sh TIMEOUT 240)
vzha_test(cluster article-pcs COMMAND ${here}/article.sh pcs TIMEOUT 240)
