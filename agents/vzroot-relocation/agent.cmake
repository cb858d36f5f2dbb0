# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(vzroot-relocation
  SOURCES decide.c inspect.c paths.c place.c report.c start.c stop.c switch.c target.c users.c)
