# SPDX-License-Identifier: GPL-2.0-or-later
vzha_unit_test(drbddisk SOURCES unit/drbddisk.c LIBS agent-drbddisk)
vzha_unit_test(drbddisk-genl SOURCES unit/drbddisk-genl.c LIBS agent-drbddisk)
vzha_unit_test(drbddisk-holders SOURCES unit/drbddisk-holders.c LIBS agent-drbddisk)
vzha_unit_test(drbddisk-text SOURCES unit/drbddisk-text.c LIBS agent-drbddisk)
