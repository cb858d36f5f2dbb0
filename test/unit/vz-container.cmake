# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET agent-vz-container)
  foreach(topic lxc vz cgroup table promises)
    vzha_unit_test(vz-container-${topic} SOURCES unit/vz-container-${topic}.c
      LIBS agent-vz-container)
  endforeach()
endif()
