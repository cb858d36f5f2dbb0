# SPDX-License-Identifier: GPL-2.0-or-later
# In two halves of about the same length.
vzha_test(agent vzroot-relocation-kill-full TIMEOUT 600
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-kill.sh local_full kept_before running)
vzha_test(agent vzroot-relocation-kill-bare TIMEOUT 600
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-kill.sh local_empty hand_links absent)
