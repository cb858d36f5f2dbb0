# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET vzroot-relocation)
  add_executable(vzroot-relocation-every-call
    agent/vzroot-relocation-every-call.c agent/vzroot-relocation-tree.c)
  target_link_libraries(vzroot-relocation-every-call PRIVATE project_flags)
  add_executable(vzroot-relocation-thread agent/vzroot-relocation-thread.c)
  target_link_libraries(vzroot-relocation-thread PRIVATE project_flags)
  add_executable(vzroot-relocation-old-kernel agent/vzroot-relocation-old-kernel.c)
  target_link_libraries(vzroot-relocation-old-kernel PRIVATE project_flags)
  # The two-step ways of a kernel without renameat2, cut between the steps as well.
  foreach(state seed restore)
    vzha_test(agent vzroot-relocation-every-call-${state}-old-kernel BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state} 1 700 old)
  endforeach()
  foreach(state seed start stop restore)
    vzha_test(agent vzroot-relocation-every-call-${state} BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state})
  endforeach()
  foreach(state start stop)
    vzha_test(agent vzroot-relocation-every-call-${state}-local BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state} 1 1 local)
  endforeach()
  # Somebody writes at any instant; also where the local filesystem keeps times to the second only.
  foreach(state map restore-map restore-write)
    vzha_test(agent vzroot-relocation-every-call-${state} BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state} 2)
  endforeach()
  foreach(state write write-keep)
    vzha_test(agent vzroot-relocation-every-call-${state} BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state})
    vzha_test(agent vzroot-relocation-every-call-${state}-coarse BESIDE TIMEOUT 900
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-every-call.sh ${state} 37 1 coarse)
  endforeach()
  foreach(part table copy places use meanwhile hidden restore boot standby)
    vzha_test(agent vzroot-relocation-${part} TIMEOUT 300
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vzroot-relocation-${part}.sh)
  endforeach()
endif()
