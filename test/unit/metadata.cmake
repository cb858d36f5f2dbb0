# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/unit/metadata)
get_property(validators GLOBAL PROPERTY VZHA_VALIDATORS)
vzha_test(unit metadata-broken COMMAND ${here}/broken.sh $<TARGET_FILE:vzha-metagen> ${validators})

file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/xml-metadata/*.xml)
foreach(document IN LISTS documents)
  get_filename_component(agent ${document} NAME_WE)
  if(TARGET ${agent})
    vzha_test(unit metadata-order-${agent} COMMAND ${here}/order.sh $<TARGET_FILE:${agent}> ${agent})
    vzha_test(unit metadata-printed-${agent}
      COMMAND ${here}/printed.sh $<TARGET_FILE:${agent}> ${document})
  endif()
endforeach()

# The sample's tables must compile with all warnings.
set(out ${CMAKE_CURRENT_BINARY_DIR}/sample)
file(MAKE_DIRECTORY ${out})
add_custom_command(OUTPUT ${out}/sample.meta.h ${out}/sample.meta.c
  COMMAND vzha-metagen header ${here}/sample.xml > ${out}/sample.meta.h
  COMMAND vzha-metagen source ${here}/sample.xml > ${out}/sample.meta.c
  DEPENDS vzha-metagen ${here}/sample.xml VERBATIM)
add_executable(test-metadata-tables unit/metadata/tables.c ${out}/sample.meta.c ${out}/sample.meta.h)
target_include_directories(test-metadata-tables PRIVATE ${out})
target_link_libraries(test-metadata-tables PRIVATE ocf PkgConfig::CMOCKA)
vzha_test(unit metadata-tables COMMAND test-metadata-tables)
