# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/lint)
foreach(check IN ITEMS format shellcheck spelling spdx licence length direction tabs)
  vzha_test(lint ${check} COMMAND ${here}/lint.sh ${check})
endforeach()
vzha_test(lint sees-faults COMMAND ${here}/sees-faults.sh $<TARGET_FILE:vzha-metagen>)

set(agents)
set(pages)
file(GLOB documents CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/xml-metadata/*.xml)
foreach(document IN LISTS documents)
  get_filename_component(agent ${document} NAME_WE)
  list(APPEND pages ${CMAKE_BINARY_DIR}/xml-metadata/ocf_vzha_${agent}.7)
  if(TARGET ${agent})
    list(APPEND agents $<TARGET_FILE:${agent}>)
    vzha_test(lint xmllint-${agent} COMMAND ${here}/xmllint.sh $<TARGET_FILE:${agent}>
      ${CMAKE_SOURCE_DIR}/xml-metadata/schema/ocf-1.1.rng)
  endif()
endforeach()
vzha_test(lint linked COMMAND ${here}/linked.sh ${agents})

file(GLOB hand_written CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lib/*/*.[1-8])
list(APPEND pages ${CMAKE_BINARY_DIR}/doc/vzha.7)
file(GLOB of_functions ${CMAKE_BINARY_DIR}/lib/nlbridge/man3/*.3)
vzha_test(lint man COMMAND ${here}/man.sh ${pages} ${hand_written} ${of_functions})
vzha_test(lint man-true COMMAND ${here}/man-true.sh ${CMAKE_SOURCE_DIR} ${pages} ${hand_written})

if(TARGET nlbridge)
  set(nlbridge ${CMAKE_SOURCE_DIR}/lib/nlbridge)
  vzha_test(lint header COMMAND ${here}/header.sh ${nlbridge}/nlbridge.h)
  vzha_test(lint symbols COMMAND ${here}/symbols.sh ${nlbridge}/libnlbridge.map
            ${CMAKE_SOURCE_DIR}/debian/libnlbridge1.symbols)
  vzha_test(lint exported
    COMMAND ${here}/exported.sh $<TARGET_FILE:nlbridge> ${nlbridge}/libnlbridge.map
            ${nlbridge}/nlbridge.h ${nlbridge}/libnlbridge.3 ${CMAKE_BINARY_DIR}/lib/nlbridge/man3)
endif()
