# SPDX-License-Identifier: GPL-2.0-or-later
# Benchmarks are no tests; what they measure with is built, and checked once.
foreach(program IN ITEMS pair empty)
  add_executable(bench-${program} ${CMAKE_CURRENT_SOURCE_DIR}/bench/${program}.c)
  target_link_libraries(bench-${program} PRIVATE project_flags)
endforeach()
if(NOT VZHA_SANITIZE) # an empty program is not empty then
  vzha_test(unit bench COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bench/measures.sh)
endif()
