# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(vz-container
  SOURCES cgroup.c cgroup-state.c check.c engine.c engine-lxc.c engine-vzctl.c hostend.c
    lxc-conf.c lxc-look.c lxc-monitor.c lxc-start.c lxc-stop.c own.c proc.c
    vz-conf.c vz-lock.c vz-look.c vz-start.c vz-stop.c wait.c)
