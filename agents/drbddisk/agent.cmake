# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(drbddisk
  SOURCES decide.c events2.c genl.c holders.c look.c names.c role.c start.c stop.c
  LIBS PkgConfig::NL PkgConfig::NL_GENL)
