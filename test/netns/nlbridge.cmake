# SPDX-License-Identifier: GPL-2.0-or-later
foreach(topic IN ITEMS announce bridge peer port vlan watch)
  vzha_unit_test(nlbridge-${topic} TIER netns
    SOURCES netns/nlbridge-${topic}.c netns/netns.c LIBS nlbridge-static)
  vzha_test(netns nlbridge-${topic}-user
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/netns/as-user.sh $<TARGET_FILE:test-nlbridge-${topic}>)
endforeach()
vzha_test(netns nlbridge-example COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/netns/example.sh)
