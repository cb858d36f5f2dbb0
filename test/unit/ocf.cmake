# SPDX-License-Identifier: GPL-2.0-or-later
# lib/ocf through the eyes of a manager: a toy agent that is run with every kind of environment.
add_executable(toy unit/toy.c)
target_link_libraries(toy PRIVATE ocf)
add_library(ocf-drive OBJECT unit/ocf-drive.c)
target_link_libraries(ocf-drive PUBLIC project_flags PkgConfig::CMOCKA)

foreach(topic IN ITEMS state params deadline reason heartbeat)
  add_executable(test-ocf-${topic} unit/ocf-${topic}.c)
  target_link_libraries(test-ocf-${topic} PRIVATE ocf-drive)
  vzha_test(unit ocf-${topic} COMMAND test-ocf-${topic} $<TARGET_FILE:toy>)
endforeach()
