# SPDX-License-Identifier: GPL-2.0-or-later
# The other ways this tree is built: another compiler, sanitizers, and what packages do.
foreach(way IN ITEMS clang asan release)
  vzha_test(build ${way} TIMEOUT 900
            COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/build/other-build.sh ${way})
endforeach()
