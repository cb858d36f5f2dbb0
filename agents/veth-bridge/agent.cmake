# SPDX-License-Identifier: GPL-2.0-or-later
vzha_agent(veth-bridge
  SOURCES bridge.c check.c describe.c lock.c look.c mac.c monitor.c patterns.c ports.c settings.c start.c stop.c
          uplink.c watcher.c wish.c
  LIBS nlbridge)

vzha_helper(veth-bridged
  SOURCES veth-bridge/lock.c veth-bridge/patterns.c veth-bridge/ports.c veth-bridge/wish.c
          veth-bridge/watcher/announce.c veth-bridge/watcher/daemon.c veth-bridge/watcher/main.c
          veth-bridge/watcher/netns.c veth-bridge/watcher/ports.c veth-bridge/watcher/status.c
          veth-bridge/watcher/track.c
  LIBS nlbridge PkgConfig::QB)
