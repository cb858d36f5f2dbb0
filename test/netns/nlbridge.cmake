# SPDX-License-Identifier: GPL-2.0-or-later
foreach(topic IN ITEMS bridge port watch)
  vzha_unit_test(nlbridge-${topic} TIER netns
    SOURCES netns/nlbridge-${topic}.c netns/netns.c LIBS nlbridge-static)
endforeach()
