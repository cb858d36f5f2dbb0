# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(vz-container
  SOURCES announce.c bridges.c cgroup.c cgroup-state.c change.c check.c engine.c family.c health.c hostend.c inside.c
    nics.c own.c proc.c rtnl.c survivor.c wait.c
    lxc/conf.c lxc/engine.c lxc/look.c lxc/monitor.c lxc/start.c lxc/stop.c
    vzctl/conf.c vzctl/dump.c vzctl/engine.c vzctl/limits.c vzctl/lock.c vzctl/look.c vzctl/start.c
    vzctl/stop.c)

vzha_helper(nic-announce SOURCES vz-container/announcer/main.c LIBS nlbridge)
vzha_helper(port-want SOURCES vz-container/port-want/main.c LIBS nlbridge)
