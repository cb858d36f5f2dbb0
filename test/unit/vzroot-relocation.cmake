# SPDX-License-Identifier: GPL-2.0-or-later
vzha_unit_test(vzroot-relocation SOURCES unit/vzroot-relocation.c LIBS agent-vzroot-relocation)
