#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2119 # for the shells and evals that get them; "stopped"
#
# vz-container-behaviours.sh lxc|vzctl: what every container does under the agent, whatever it is
# made with. LXC's are real; vzctl's come from the stand-in in test/fake/vzctl.
# vz-container-on-ENGINE.sh says how such a container is made, spoilt and looked at; what only one
# engine can do wrong is in vz-container-ENGINE.sh.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"
# shellcheck source-path=SCRIPTDIR source=vz-container-on-lxc.sh
. "$(dirname "$0")/vz-container-on-$1.sh"

ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up

story "a node that knows nothing of the container"
want_probe 7
want_probe 7 OCF_RESKEY_engine=auto
want monitor 7
want stop 0
want start 5 "$NO_CONFIG"
want validate-all 0
want start 6 "leading zero" OCF_RESKEY_ctid=0101
want start 6 "letters, digits" OCF_RESKEY_ctid=a/b
want_probe 7 OCF_RESKEY_ctid=a/b
want stop 0 OCF_RESKEY_ctid=a/b

story "a container, and nothing to run it with"
ct_make
[[ ! -e ${TOOLS[0]} ]] || away "${TOOLS[@]}"
want start 5 "$NO_TOOL"
want validate-all 5 "$NO_TOOL" OCF_CHECK_LEVEL=10
want_probe 7
want stop 0
[[ ! -e /run/away ]] || mv /run/away/* "$(dirname "${TOOLS[0]}")"
ct_install

story "the programs are elsewhere"
mkdir -p /opt/engine
mount --bind "$(dirname "${TOOLS[0]}")" /opt/engine
want start 5 "$NO_TOOL at the engine_path" OCF_RESKEY_engine_path=/opt
want validate-all 5 "$NO_TOOL at the engine_path" OCF_RESKEY_engine_path=/opt OCF_CHECK_LEVEL=10
want start 0 OCF_RESKEY_engine_path=/opt/engine
one_init
want monitor 0 OCF_RESKEY_engine_path=/opt
want stop 0 OCF_RESKEY_engine_path=/opt/engine
want start 0
stopped OCF_RESKEY_engine_path=/opt # a stop needs none of them
umount /opt/engine

story "start, again, monitor, stop, again"
want start 0
check "start took $ms ms" test "$ms" -lt 3000
one_init
want start 0
one_init
want monitor 0
want_probe 0
want monitor 0 OCF_RESKEY_engine=auto
want start 0 OCF_RESKEY_engine=auto
one_init
want status 0 "in bridge br0 (forwarding)"
want stop 0
check "asked, it stops in $ms ms" test "$ms" -lt 8000
want monitor 7
stopped
want start 0 OCF_RESKEY_engine=auto
stopped OCF_RESKEY_engine=auto
want monitor 7 OCF_RESKEY_engine=auto
want start 0
stopped OCF_RESKEY_stop_mode=kill
check "killed in $ms ms" test "$ms" -lt 2000

story "init killed, halted from inside: stopped, whatever stays behind; and it starts again"
want start 0
kill -KILL "$(ct_init)"
eventually "all gone" ct_all_gone
want monitor 7
want_probe 7
stopped
want start 0
ct_exec 'kill -USR2 1' # busybox: halt
eventually "all gone" ct_all_gone
want monitor 7
want start 0
one_init
stopped

story "a process in its group is no container, but nothing to start over"
mkdir -p "/sys/fs/cgroup/$GROUP"
stray sleep 1000
want_probe 0
want monitor 1 "its init is dead" OCF_RESKEY_CRM_meta_timeout=2000
want start 1 "stop it first" OCF_RESKEY_CRM_meta_timeout=2000
stopped OCF_RESKEY_CRM_meta_timeout=5000
wait $stray 2>/dev/null

story "frozen"
want start 0
freeze
want monitor 0
stopped
check "thawed, it shuts down in $ms ms" test "$ms" -lt 8000
want start 0
freeze
stopped OCF_RESKEY_stop_mode=kill
check "thawed, it is killed in $ms ms" test "$ms" -lt 2000

story "it ignores everything, and there is little time"
ct_is_deaf
for timeout in 5000 9000; do
	want start 0
	stopped OCF_RESKEY_CRM_meta_timeout=$timeout
done
want start 0
want stop 0 OCF_RESKEY_CRM_meta_timeout=7000
check "$ms ms of 7000" test "$ms" -lt 7000 -a "$ms" -gt 3500
want start 0
freeze
want stop 0 OCF_RESKEY_CRM_meta_timeout=5000
check "frozen, too: $ms ms of 5000" test "$ms" -lt 5000
want start 0
stopped OCF_RESKEY_stop_mode=kill
check "kill took $ms ms" test "$ms" -lt 2000
ct_is_good

story "a process that waits in the kernel: an honest failure, and a stop that works afterwards"
truncate -s 16M /tmp/stuck.img
mkfs.ext4 -qF /tmp/stuck.img
mkdir -p /tmp/stuck
mount -o loop /tmp/stuck.img /tmp/stuck || fail "no loop device"
want start 0
trap 'fsfreeze -u /tmp/stuck' EXIT # whatever happens: nothing could end that process
fsfreeze -f /tmp/stuck
stray nsenter -p -t "$(ct_init)" sh -c 'echo x >/tmp/stuck/file & wait'
eventually "a process in state D" eval \
	'grep -qs "^State:.*D" $(printf "/proc/%s/status " $(members "$GROUP"))'
want stop 1 "in state D (waits in the kernel" OCF_RESKEY_CRM_meta_timeout=5000
check "$ms ms of 5000" test "$ms" -lt 5000
act monitor OCF_RESKEY_CRM_meta_timeout=2000
check "not taken for stopped: $rc" test $rc != 7
want_probe 0
act start OCF_RESKEY_CRM_meta_timeout=3000
check "not started beside it: $rc" test $rc == 1
fsfreeze -u /tmp/stuck
trap - EXIT
stopped
wait $stray 2>/dev/null
umount /tmp/stuck
want start 0
stopped

story "tools, configuration, storage lost while it runs"
want start 0
away "${TOOLS[@]}"
want monitor 0
want_probe 0
stopped
mv /run/away/* "$(dirname "${TOOLS[0]}")"
want start 0
away "$CONF"
want monitor 0
stopped
mv "/run/away/${CONF##*/}" "$CONF"
want start 0
mkdir -p /run/empty && mount --bind /run/empty "$STORAGE"
want monitor 0
want_probe 0
stopped
umount "$STORAGE"
want start 0
rm -rf /run/vzha
want monitor 0
stopped

story "does not start: says why, and leaves nothing"
ct_dies_at_once
want start 1 "init ended at once"
want monitor 7
ct_is_good
stopped

story "a NIC moves in and comes back"
ct_takes_nic ph0
want start 1 "NIC ph0, which container $CT takes over" OCF_RESKEY_CRM_meta_timeout=5000
want monitor 7
want validate-all 2 "NIC ph0" OCF_CHECK_LEVEL=10
ip link add ph0 type veth peer name ph1
want start 0
check "it is in" test ! -e /sys/class/net/ph0
for mode in kill shutdown; do
	want stop 0 OCF_RESKEY_stop_mode=$mode
	ct_nic_is_back ph0
	want start 0
done
kill -KILL "$(ct_init)"
eventually "all gone" ct_all_gone
ct_nic_is_back ph0
want start 0
stopped
ct_is_good
ct_nic_is_back ph0
ip link del ph0

story "boots by itself"
config "$AUTOSTART"
want start 2 "onboot=refuse" OCF_RESKEY_onboot=refuse
want validate-all 0 "starts it at boot" OCF_CHECK_LEVEL=10
want start 0
check "only warned" grep -qx "$AUTOSTART" "$CONF"
stopped
want start 0 OCF_RESKEY_onboot=fix
check "switched off" grep -qx "$NO_AUTOSTART" "$CONF"
stopped
ct_is_good

story "the agent dies in the middle of start and stop, alone and with its group"
for delay in 0.003 0.01 0.02 0.04 0.08; do
	for whom in '' -; do
		setsid env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" start &
		sleep $delay
		kill -KILL -- "$whom$!" 2>/dev/null
		wait $! 2>/dev/null
		want start 0
		one_init "killed after $delay"
		setsid env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" stop &
		sleep $delay
		kill -KILL -- "$whom$!" 2>/dev/null
		wait $! 2>/dev/null
		stopped OCF_RESKEY_stop_mode=kill
		setsid env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" start &
		sleep $delay
		kill -KILL -- "$whom$!" 2>/dev/null
		wait $! 2>/dev/null
		stopped OCF_RESKEY_stop_mode=kill
		check "no init after $delay" test "$(inits)" == 0
	done
done

story "two agents start it at once"
for ((i = 0; i < 5; i++)); do
	env "${params[@]}" "$AGENT" start & a=$!
	env "${params[@]}" "$AGENT" start & b=$!
	wait $a || fail "the first of two starts failed"
	wait $b || fail "the second of two starts failed"
	one_init
	want stop 0 OCF_RESKEY_stop_mode=kill
done

story "what a container's processes call themselves does not matter"
want start 0
stray nsenter -p -t "$(ct_init)" bash -c 'exec -a "$0" sleep 1000' vzctl
stray=$(pgrep -xf 'vzctl 1000')
for name in '[lxc monitor] /var/lib/lxc other' vzctl lxc-start; do
	nsenter -p -t "$(ct_init)" bash -c 'exec -a "$0" perl -e "sleep 1000" start 102 -n other' "$name" &
done
eventually "they are there" eval '(($(pgrep -cf "start 102 -n other") >= 3))'
want_probe 7 OCF_RESKEY_ctid=102 OCF_RESKEY_engine=auto
want_probe 7 OCF_RESKEY_ctid=other OCF_RESKEY_engine=auto
want stop 0 OCF_RESKEY_ctid=102 OCF_RESKEY_engine=auto
one_init
stopped

echo "all went well"
