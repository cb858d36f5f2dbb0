# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/cluster)
vzha_test(cluster bed COMMAND ${here}/bed.sh)
vzha_test(cluster pacemaker-crm COMMAND ${here}/pacemaker.sh crm TIMEOUT 240)
vzha_test(cluster pacemaker-pcs COMMAND ${here}/pacemaker.sh pcs TIMEOUT 240)
vzha_test(cluster quorum COMMAND ${here}/quorum.sh TIMEOUT 240)
vzha_test(cluster heartbeat COMMAND ${here}/heartbeat.sh TIMEOUT 240)
vzha_test(cluster article-pcs COMMAND ${here}/article.sh pcs TIMEOUT 240)
vzha_test(cluster article-promotable COMMAND ${here}/article.sh promotable TIMEOUT 240)
vzha_test(cluster heartbeat-stop COMMAND ${here}/heartbeat-stop.sh TIMEOUT 240)
# drbddisk waits for its device, and so does Heartbeat
vzha_test(cluster heartbeat-reboot COMMAND ${here}/heartbeat-stop.sh forever TIMEOUT 600)
set_tests_properties(cluster.heartbeat-reboot PROPERTIES LABELS "cluster;long")
