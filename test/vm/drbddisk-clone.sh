# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # shared with drbddisk.sh
#
# drbddisk-clone.sh - the part of drbddisk.sh that plays the manager of a promotable clone. Both
# nodes are up, connected and Secondary, with good data; so they are at the end.

agent 1 start OCF_RESKEY_CRM_meta_clone_max=2
expect "a clone that is not promotable: refused" 6 "not promotable"

CLONE=1
agent 1 start OCF_RESKEY_CRM_meta_clone_node_max=2
expect "twice on one node: refused" 6 "clone-node-max"
agent 1 monitor
expect "clone: probe of what drbd.service brought up" 0
agent 1 stop
expect "clone: stop takes it down" 0
agent 1 monitor
expect "clone: probe after stop" 7
agent 1 stop
expect "clone: stop again" 0
agent 1 promote
expect "clone: promote of what is stopped" 7
agent 1 start OCF_RESKEY_bring_up=false
expect "clone: bring_up=false leaves it down" 1 "not up on this node"
agent 1 start
expect "clone: start brings it up" 0
kernel_says 1
expect "clone: and waits for its peer" 0 "cs:Connected"
agent 1 start
expect "clone: start again" 0
monitor 1
expect "clone: monitor of an unpromoted one" 0
agent 1 promote
expect "clone: promote" 0
agent 1 promote
expect "clone: promote again" 0
agent 1 monitor
expect "clone: probe of the promoted one" 8
monitor 1
expect "clone: monitor of the promoted one" 8
agent 2 promote OCF_RESKEY_CRM_meta_timeout=8000
expect "clone: promote beside a Primary: refused, named" 1 "peer is connected and Primary"

# From the kernel's permission, the peer's demotion, to Primary: both as this kernel saw them.
vm_sh 2 'setsid drbdsetup events2 --timestamps r0 </dev/null >/run/events 2>&1 & sleep 1'
vm_run 2 env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_drbd_resource=r0 OCF_RESKEY_CRM_meta_timeout=20000 \
	"${CLONE_META[@]}" "$AGENT" promote >"$VM_LAB/promote.txt" 2>&1 &
promotion=$!
sleep 3
agent 1 demote
expect "clone: demote" 0
wait "$promotion"
rc=$?
out=$(<"$VM_LAB/promote.txt")
expect "clone: the promotion that waited for it" 0
# shellcheck disable=SC2016 # for the node's shell
out=$(vm_sh 2 'kill $(pidof drbdsetup) $(pidof drbdsetup-84) 2>/dev/null
	at() { grep "$1" /run/events | tail -n 1 | cut -d" " -f1; }
	free=$(date -d "$(at "change connection .*role:Secondary")" +%s%N)
	taken=$(date -d "$(at "change resource .*role:Primary")" +%s%N)
	echo "milliseconds: $(((taken - free) / 1000000))"; cat /run/events')
latency=$(sed -n 's/^milliseconds: //p' <<<"$out")
echo "promoted ${latency:-?} ms after the kernel allowed it"
rc=1
[[ $latency =~ ^[0-9]+$ ]] && ((latency <= 200)) && rc=0
expect "clone: promoted within 200 ms of the kernel allowing it" 0

vm_sh 2 'mkfs.ext4 -q -F /dev/drbd0 && mount /dev/drbd0 /d0' >/dev/null 2>&1
agent 2 demote OCF_RESKEY_CRM_meta_timeout=5000
expect "clone: demote of a mounted one: failed, holder named" 1 "mount on /d0"
monitor 2
expect "clone: it is promoted still" 8
agent 2 demote OCF_RESKEY_CRM_meta_timeout=5000 OCF_RESKEY_force_demote=true
expect "clone: force_demote cannot help on DRBD 8.4" 1 "mount on /d0"
vm_sh 2 'umount /d0'
agent 2 demote
expect "clone: demote after the unmount" 0
agent 2 demote
expect "clone: demote again" 0
agent 2 notify OCF_RESKEY_CRM_meta_notify_type=post OCF_RESKEY_CRM_meta_notify_operation=demote
expect "clone: notify" 0

# Stop depends on the state only: no configuration, no tools.
vm_sh 2 'mkdir -p /root/away && mv /etc/drbd.d/r0.res /usr/sbin/drbdadm /usr/sbin/drbdsetup /root/away/'
agent 2 notify OCF_RESKEY_CRM_meta_notify_type=pre OCF_RESKEY_CRM_meta_notify_operation=start
expect "clone: notify without tools" 0
monitor 2
expect "clone: monitor without tools" 0
agent 2 stop
expect "clone: stop without configuration and tools" 0
agent 2 monitor
expect "clone: really down" 7
agent 2 start
expect "clone: start without tools: on this node never" 5 "drbdadm is not installed"
vm_sh 2 'mv /root/away/drbdadm /root/away/drbdsetup /usr/sbin/'
agent 2 start
expect "clone: start without configuration: drbdadm's own words" 1 "drbdadm up failed"
vm_sh 2 'mv /root/away/r0.res /etc/drbd.d/'

# A start that was killed half way.
vm_sh 2 'drbdsetup new-resource r0' >/dev/null 2>&1
agent 2 monitor
expect "clone: half up: there is something to stop" 0
agent 2 start
expect "clone: start completes it" 0
kernel_says 2
expect "clone: all of it" 0 "cs:Connected ro:Secondary/Secondary ds:UpToDate/UpToDate"

# A connection that was given up, as after a split brain, is for people to take up again.
vm_sh 1 'drbdadm disconnect r0' >/dev/null 2>&1
monitor 1
monitor 1
expect "clone: StandAlone: degraded" 190 "StandAlone"
agent 1 notify OCF_RESKEY_CRM_meta_notify_type=pre OCF_RESKEY_CRM_meta_notify_operation=start
expect "clone: notify before the peer's start" 0
agent 1 start
expect "clone: start" 0
kernel_says 1
expect "clone: StandAlone still" 0 "cs:StandAlone"
vm_sh 1 'drbdadm connect r0' >/dev/null 2>&1
bed_wait 20 article_connected >/dev/null 2>&1
rc=$?
expect "clone: reconnected" 0
CLONE=
