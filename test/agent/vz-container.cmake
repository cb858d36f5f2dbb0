# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET vz-container)
  vzha_test(agent vz-container-lxc
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-lxc.sh TIMEOUT 300)
  # Its root is that of the package tests: made once, by either.
  vzha_test(agent vz-container-systemd
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-systemd.sh TIMEOUT 1200)
  vzha_test(agent vz-container-names
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-names.sh)

  # A stand-in for vzctl; see fake/vzctl/vzctl.h.
  add_executable(fake-vzctl
    fake/vzctl/dump.c fake/vzctl/look.c fake/vzctl/start.c fake/vzctl/stop.c fake/vzctl/vzctl.c)
  target_link_libraries(fake-vzctl PRIVATE project_flags)
  vzha_test(agent vz-container-vzctl
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-vzctl.sh TIMEOUT 300)

  # One suite for every engine, in two parts.
  foreach(engine IN ITEMS lxc vzctl)
    vzha_test(agent vz-container-behaviours-${engine}
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-behaviours.sh ${engine} TIMEOUT 300)
    vzha_test(agent vz-container-health-${engine}
      COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/agent/vz-container-health.sh ${engine} TIMEOUT 200)
  endforeach()
endif()
