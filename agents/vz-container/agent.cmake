# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(vz-container
  SOURCES announce.c cgroup.c cgroup-state.c change.c check.c engine.c engine-lxc.c engine-vzctl.c family.c health.c
    hostend.c inside.c lxc-conf.c lxc-look.c lxc-monitor.c lxc-start.c lxc-stop.c nics.c own.c
    proc.c rtnl.c survivor.c vz-conf.c vz-dump.c vz-limits.c vz-lock.c vz-look.c vz-start.c
    vz-stop.c wait.c)

vzha_helper(nic-announce SOURCES vz-container/announcer/main.c LIBS nlbridge)
