# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(drbddisk
  SOURCES check.c clone.c decide.c events2.c genl-read.c genl.c holders.c look.c names.c notify.c
    promote.c request.c stack.c standing.c start.c stop.c up.c
  LIBS PkgConfig::NL PkgConfig::NL_GENL)
