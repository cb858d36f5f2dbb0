# SPDX-License-Identifier: GPL-2.0-or-later
if(TARGET nlbridge)
  foreach(program IN ITEMS churn attach)
    add_executable(bench-${program} ${CMAKE_CURRENT_SOURCE_DIR}/bench/${program}.c)
    target_link_libraries(bench-${program} PRIVATE project_flags nlbridge-static)
  endforeach()
endif()
