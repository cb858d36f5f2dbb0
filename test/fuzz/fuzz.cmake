# SPDX-License-Identifier: GPL-2.0-or-later
#
# vzha_fuzz(NAME LIBS target...): test/fuzz/NAME.c, replayed on its corpus as an ordinary test; with
# -DVZHA_FUZZ=ON (clang) a libFuzzer program instead, which search.sh runs.
function(vzha_fuzz name)
  cmake_parse_arguments(F "" "" "LIBS" ${ARGN})
  add_executable(fuzz-${name} fuzz/${name}.c)
  target_include_directories(fuzz-${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/fuzz)
  target_link_libraries(fuzz-${name} PRIVATE project_flags ${F_LIBS})
  if(VZHA_FUZZ)
    target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(fuzz-${name} PRIVATE fuzz/replay.c)
  file(GLOB corpus CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name}/*)
  vzha_test(fuzz ${name} COMMAND fuzz-${name} ${corpus})
endfunction()

vzha_fuzz(reason LIBS ocf)
vzha_fuzz(params LIBS ocf metadata-drbddisk metadata-veth-bridge metadata-vz-container
          metadata-vzroot-relocation)
vzha_fuzz(quorum LIBS cluster)
vzha_fuzz(events2 LIBS agent-drbddisk)
vzha_fuzz(drbd-netlink LIBS agent-drbddisk)
vzha_fuzz(link-netlink LIBS nlbridge-static)
vzha_fuzz(lxc-conf LIBS agent-vz-container)
vzha_fuzz(vz-conf LIBS agent-vz-container)
vzha_fuzz(proc LIBS agent-vz-container)

if(NOT VZHA_FUZZ)
  vzha_test(fuzz search TIMEOUT 7200 COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/search.sh 120)
  set_tests_properties(fuzz.search PROPERTIES LABELS "fuzz;long")
endif()
