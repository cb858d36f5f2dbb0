# SPDX-License-Identifier: GPL-2.0-or-later
# Ends a command before a chosen system call, for tests of what a SIGKILL leaves behind.
add_executable(kill-at ${CMAKE_CURRENT_SOURCE_DIR}/lib/kill-at.c)
target_link_libraries(kill-at PRIVATE project_flags)
