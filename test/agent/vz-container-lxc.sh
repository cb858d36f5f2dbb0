#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container on real LXC containers: LXC's own traps, and that there is never a second container.
# What every engine's containers do is in vz-container-behaviours.sh.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"

command -v lxc-create >/dev/null || exit 77
# shellcheck source-path=SCRIPTDIR source=vz-container-on-lxc.sh
. "$(dirname "$0")/vz-container-on-lxc.sh"

ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up

make mail

story "monitor killed"
want start 0
kill -KILL "$(monitor_pid)"
eventually "empty" gone lxc.payload.mail
want monitor 7
want start 0
check "lives in a second group" test -d /sys/fs/cgroup/lxc.payload.mail-1
want monitor 0
want stop 0
want monitor 7

story "monitor stopped: no answer is waited for, not even with a full queue"
want start 0
kill -STOP "$(monitor_pid)"
want monitor 0
check "monitor took $ms ms" test "$ms" -lt 500
for ((i = 0; i < 130; i++)); do
	want monitor 0
done
init=$(ct_init)
kill -KILL "$init"
eventually "init is a zombie" grep -q '^State:.*Z' "/proc/$init/status"
want monitor 1 "its init is dead" OCF_RESKEY_CRM_meta_timeout=3000
want stop 0
want monitor 7
want start 0
kill -STOP "$(monitor_pid)"
want stop 0
want monitor 7

story "two spellings of one directory: one container"
mkdir -p /d0/vz/var/lib
mv /var/lib/lxc /d0/vz/var/lib/lxc
mkdir -p /run/vzha/root /run/standby/var/lib/lxc
ln -s /d0/vz /run/vzha/root/d0-vz
ln -s /run/vzha/root/d0-vz/var/lib/lxc /var/lib/lxc
lxc-start -P /d0/vz/var/lib/lxc -n mail
want monitor 0
want start 0
check "one init" test "$(inits)" == 1
want status 0 "lxcpath: /d0/vz/var/lib/lxc"
ln -sfn /run/standby /run/vzha/root/d0-vz # the switch is off, and its target unknown
want monitor 0
ln -sfn /d0/vz /run/vzha/root/d0-vz
want stop 0
gone lxc.payload.mail || fail "it still runs"
want start 0
want monitor 0 OCF_RESKEY_lxcpath=/d0/vz/var/lib/lxc
want start 0 OCF_RESKEY_lxcpath=/d0/vz/var/lib/lxc
check "one init" test "$(inits)" == 1
want validate-all 0 "set lxcpath=/var/lib/lxc" OCF_CHECK_LEVEL=10 \
	OCF_RESKEY_lxcpath=/d0/vz/var/lib/lxc
want stop 0 OCF_RESKEY_lxcpath=/d0/vz/var/lib/lxc
want monitor 7

story "another container of the same name is not ours"
make mail /other
want start 0 OCF_RESKEY_lxcpath=/other
want monitor 7
want stop 0
want monitor 0 OCF_RESKEY_lxcpath=/other
want start 0
check "two different ones" test "$(pgrep -c -f '^\[lxc monitor\]')" == 2
want stop 0
want monitor 7
want monitor 0 OCF_RESKEY_lxcpath=/other
want stop 0 OCF_RESKEY_lxcpath=/other

story "does not start: says why"
config "lxc.net.0.link = nobridge"
want start 1 'bridge "nobridge"'
want monitor 7
restore_config
config "lxc.init.cmd = /bin/false"
want start 1 "init ended at once"
want monitor 7
restore_config
config "lxc.net.1.type = phys" "lxc.net.1.link = eth9"
want start 1 "NIC eth9, which container mail takes over (lxc.net.1.link), is not on this host"
want validate-all 2 "NIC eth9" OCF_CHECK_LEVEL=10
restore_config

story "the agent dies in the middle of a start"
for delay in 0.005 0.01 0.02 0.04 0.08; do
	env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" start &
	sleep $delay
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	want stop 0
	want start 0
	check "one init after $delay" test "$(inits)" == 1
	env "${params[@]}" "$AGENT" stop &
	sleep $delay
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	want stop 0
	want monitor 7
	sleep 0.2
	want monitor 7
done
# Just begun: neither socket nor group, only the lxc-start that will make them
bash -c 'exec -a /usr/bin/lxc-start bash -c "sleep 1000; :" -P /var/lib/lxc -n mail -d' &
starter=$!
eventually "it is there" grep -q lxc-start /proc/$starter/cmdline
want_probe 0
want_probe 7 OCF_RESKEY_lxcpath=/other
want stop 0 OCF_RESKEY_CRM_meta_timeout=5000
wait $starter 2>/dev/null
want_probe 7
# In a hook, before there is any init
config "lxc.hook.pre-start = /run/slow"
printf '#!/bin/sh\nsleep 3\n' >/run/slow
chmod +x /run/slow
setsid env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" start &
sleep 0.5
kill -KILL -- -$! # as a manager does it: the whole group
check "a monitor is left" monitor_pid >/dev/null
want_probe 0
want start 0 # waits for it
check "one init" test "$(inits)" == 1
want stop 0
setsid env "${params[@]}" OCF_RESKEY_CRM_meta_timeout=20000 "$AGENT" start &
sleep 0.5
kill -KILL -- -$!
want stop 0
check "the hook was ended: $ms ms" test "$ms" -lt 3000
sleep 3
want monitor 7
check "no init" test "$(inits)" == 0

story "a hook that hangs"
printf '#!/bin/sh\ntrap "" TERM\nwhile :; do sleep 1; done\n' >/run/slow
want start 1 "lxc-start did not finish in time" OCF_RESKEY_CRM_meta_timeout=3000
check "$ms of 3000 ms" test "$ms" -lt 3000
want stop 0 OCF_RESKEY_CRM_meta_timeout=6000
want monitor 7
restore_config

story "groups where nobody looks for them"
config "lxc.cgroup.dir = odd/place"
want start 0
check "they are there" test -d /sys/fs/cgroup/odd/place
want monitor 0
kill -STOP "$(monitor_pid)"
want monitor 0
want stop 0 OCF_RESKEY_stop_mode=kill
want monitor 7
restore_config

story "a path too long for a socket's name"
long=/$(printf 'x%.0s' {1..100})
mkdir "$long"
make mail "$long"
want start 0 "OCF_RESKEY_lxcpath=$long"
want monitor 0 "OCF_RESKEY_lxcpath=$long"
want status 0 "OCF_RESKEY_lxcpath=$long"
[[ $out != *"does not listen"* ]] || fail "the hashed socket name is wrong"
want stop 0 "OCF_RESKEY_lxcpath=$long"
want monitor 7 "OCF_RESKEY_lxcpath=$long"

echo "all went well"
