# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(vzroot-relocation
  SOURCES aside.c boot.c copy.c copy-data.c copy-half.c copy-lease.c copy-links.c copy-meta.c copy-scan.c copy-times.c copy-top.c copy-walk.c decide.c earlier-names.c inspect.c interrupts.c lock.c mounts.c others.c
          parents.c paths.c place.c refuse.c rename.c report.c restore.c restore-shared.c restored.c seed.c seed-before.c seed-local.c seed-store.c seed-top.c standby.c standby-conflict.c start.c stop.c switch.c target.c
          users.c users-hidden.c users-mounts.c)
