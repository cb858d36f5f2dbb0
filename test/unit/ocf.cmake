# SPDX-License-Identifier: GPL-2.0-or-later
# lib/ocf through the eyes of a manager: a toy agent that is run with every kind of environment.
add_executable(toy unit/toy.c)
target_link_libraries(toy PRIVATE ocf)
add_library(ocf-drive OBJECT unit/ocf-drive.c)
target_link_libraries(ocf-drive PUBLIC project_flags PkgConfig::CMOCKA)

foreach(topic IN ITEMS state roles params deadline reason heartbeat log child)
  add_executable(test-ocf-${topic} unit/ocf-${topic}.c)
  target_link_libraries(test-ocf-${topic} PRIVATE ocf-drive)
  vzha_test(unit ocf-${topic} COMMAND test-ocf-${topic} $<TARGET_FILE:toy>)
endforeach()

vzha_unit_test(ocf-file SOURCES unit/ocf-file.c LIBS ocf ocf-drive)

# The same under valgrind, which sees the uninitialised values that sanitizers do not; only where
# no time is measured, and not in a build whose sanitizers valgrind cannot run.
find_program(VALGRIND valgrind)
if(VALGRIND AND NOT VZHA_SANITIZE)
  foreach(topic IN ITEMS reason heartbeat)
    vzha_test(unit ocf-${topic}-valgrind TIMEOUT 300
      COMMAND ${CMAKE_COMMAND} -E env
        "VZHA_UNDER=${VALGRIND} -q --error-exitcode=99 --leak-check=full"
        $<TARGET_FILE:test-ocf-${topic}> $<TARGET_FILE:toy>)
  endforeach()
endif()
vzha_unit_test(quorum SOURCES unit/quorum.c LIBS cluster)

# lib/ocf with each of its system calls failing once; sanitizers' own calls would be hit as well.
if(NOT VZHA_SANITIZE)
  vzha_test(unit ocf-faults TIMEOUT 300
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit/ocf-faults.sh $<TARGET_FILE:toy>)
endif()
