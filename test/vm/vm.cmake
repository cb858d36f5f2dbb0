# SPDX-License-Identifier: GPL-2.0-or-later
# On virtual machines with the real DRBD module. Emulated processors: one bed at a time.
vzha_test(vm drbddisk ALONE TIMEOUT 600 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/drbddisk.sh)
vzha_test(vm veth-bridge ALONE TIMEOUT 700 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/veth-bridge.sh)
vzha_test(vm promotable ALONE TIMEOUT 900 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/promotable.sh)
vzha_test(vm promotable-faults ALONE TIMEOUT 900 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/promotable-faults.sh)
vzha_test(vm promotable-link ALONE TIMEOUT 1200 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/promotable-link.sh)
vzha_test(vm vzroot-relocation ALONE TIMEOUT 600 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/vzroot-relocation.sh)
vzha_test(vm demo ALONE TIMEOUT 900 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/demo)
