# SPDX-License-Identifier: GPL-2.0-or-later
# On virtual machines with the real DRBD module. Emulated processors: one bed at a time.
vzha_test(vm drbddisk ALONE TIMEOUT 600 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/drbddisk.sh)
vzha_test(vm veth-bridge ALONE TIMEOUT 700 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/veth-bridge.sh)
vzha_test(vm promotable ALONE TIMEOUT 900 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/promotable.sh)
vzha_test(vm promotable-long ALONE TIMEOUT 2400
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/promotable-long.sh)
set_property(TEST vm.promotable-long APPEND PROPERTY LABELS long)
vzha_test(vm vzroot-relocation ALONE TIMEOUT 600 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/vzroot-relocation.sh)
vzha_test(vm demo ALONE TIMEOUT 900 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/demo)
