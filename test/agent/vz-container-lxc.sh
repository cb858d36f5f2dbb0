#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container on real LXC containers: what may happen to one, and that there is never a second.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"

command -v lxc-create >/dev/null || exit 77
params=(OCF_RESKEY_ctid=mail OCF_RESKEY_engine=lxc)
CONF=/var/lib/lxc/mail/config

# make NAME [LXCPATH]: a busybox container whose init shuts down when asked
make()
{
	local path=${2-/var/lib/lxc}
	lxc-create -t busybox -n "$1" -P "$path" >/dev/null || fail "lxc-create"
	sed -i '/^lxc.net/d' "$path/$1/config"
	printf 'lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net.0.flags = up\n' \
		>>"$path/$1/config"
	printf '#!/bin/sh\nip link set lo up\n' >"$path/$1/rootfs/etc/init.d/rcS"
}

monitor_pid()
{
	pgrep -f '^\[lxc monitor\] .* mail$'
}

init_pid()
{
	local pid
	pid=$(monitor_pid) && pgrep -P "$pid" -x init
}

inits()
{
	local pid n=0
	for pid in $(members lxc.payload.mail); do
		[[ $(</proc/"$pid"/comm) == init && $(awk '/^NSpid/ {print $NF}' "/proc/$pid/status") == 1 ]] &&
			n=$((n + 1))
	done
	echo $n
}

config()
{
	cp "$CONF" /run/config.good
	printf '%s\n' "$@" >>"$CONF"
}

restore_config()
{
	cp /run/config.good "$CONF"
}

ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up

story "a node that knows nothing of the container"
want_probe 7
want_probe 7 OCF_RESKEY_lxcpath=/nowhere/lxc
want_probe 7 OCF_RESKEY_engine=auto OCF_RESKEY_ctid=101
want monitor 7
want stop 0
want start 5 "no LXC container mail below /var/lib/lxc"
want validate-all 0
want start 6 "leading zero" OCF_RESKEY_ctid=0101
want start 6 "letters, digits" OCF_RESKEY_ctid=a/b
want_probe 7 OCF_RESKEY_ctid=a/b
want stop 0 OCF_RESKEY_ctid=a/b
want start 6 "number" OCF_RESKEY_engine=vzctl

story "start, again, monitor, stop, again"
make mail
want start 0
check "start took $ms ms" test "$ms" -lt 2000
check "one init" test "$(inits)" == 1
want start 0
check "one init" test "$(inits)" == 1
want monitor 0
want_probe 0
want status 0 "in bridge br0 (forwarding)"
want stop 0
check "an asked init took $ms ms to stop" test "$ms" -lt 8000
want monitor 7
want stop 0
want start 0
want start 0 OCF_RESKEY_engine=auto
want stop 0 OCF_RESKEY_engine=auto
want monitor 7 OCF_RESKEY_engine=auto

story "init killed: stopped, whatever groups stay behind"
want start 0
kill -KILL "$(init_pid)"
eventually "empty" gone lxc.payload.mail
eventually "no monitor" eval '! monitor_pid >/dev/null'
want monitor 7
want stop 0

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

story "a process is left in its group, and no monitor"
sleep 1000 &
stray=$!
echo $stray >/sys/fs/cgroup/lxc.payload.mail/cgroup.procs
want_probe 0
want monitor 1 "its init is dead" OCF_RESKEY_CRM_meta_timeout=2000
want start 1 "stop it first" OCF_RESKEY_CRM_meta_timeout=2000
want stop 0 OCF_RESKEY_CRM_meta_timeout=5000
want monitor 7
wait $stray 2>/dev/null

story "monitor stopped: no answer is waited for, not even with a full queue"
want start 0
kill -STOP "$(monitor_pid)"
want monitor 0
check "monitor took $ms ms" test "$ms" -lt 500
for ((i = 0; i < 130; i++)); do
	want monitor 0
done
init=$(init_pid)
kill -KILL "$init"
eventually "init is a zombie" grep -q '^State:.*Z' "/proc/$init/status"
want monitor 1 "its init is dead" OCF_RESKEY_CRM_meta_timeout=3000
want stop 0
want monitor 7
want start 0
kill -STOP "$(monitor_pid)"
want stop 0
want monitor 7

story "frozen"
want start 0
echo 1 >/sys/fs/cgroup/lxc.payload.mail/cgroup.freeze
want monitor 0
want stop 0
check "thawed, it shuts down in $ms ms" test "$ms" -lt 8000
want start 0
echo 1 >/sys/fs/cgroup/lxc.payload.mail/cgroup.freeze
want stop 0 OCF_RESKEY_stop_mode=kill
check "thawed, it is killed in $ms ms" test "$ms" -lt 2000

story "an init that ignores everything, and little time"
config "lxc.signal.halt = SIGURG"
for timeout in 5000 20000; do
	want start 0
	want stop 0 OCF_RESKEY_CRM_meta_timeout=$timeout
	check "$ms ms of $timeout" test "$ms" -lt "$timeout" -a "$ms" -gt $((timeout / 2))
	want monitor 7
done
want start 0
want stop 0 OCF_RESKEY_stop_mode=kill
check "kill took $ms ms" test "$ms" -lt 2000
restore_config

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

story "without LXC's tools, and without the configuration"
want start 0
mkdir /run/away && mv /usr/bin/lxc-* /run/away
want monitor 0
want_probe 0
want stop 0
check "asked by signal: $ms ms" test "$ms" -lt 8000
want monitor 7
want start 5 "lxc-start"
mv /run/away/* /usr/bin
want start 0
mv "$CONF" /run/config.lost
want monitor 0
want stop 0
want monitor 7
mv /run/config.lost "$CONF"
want start 0
mkdir /run/hidden && mount --bind /run/hidden /d0/vz # the shared tree is gone
want monitor 0
want stop 0
umount /d0/vz
want monitor 7

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

story "a NIC moves in and comes back"
config "lxc.net.1.type = phys" "lxc.net.1.link = ph0" "lxc.net.1.name = eth1"
ip link add ph0 type veth peer name ph1
want start 0
check "it is in" test ! -e /sys/class/net/ph0
want stop 0 OCF_RESKEY_stop_mode=kill
eventually "the NIC is back under its name" test -e /sys/class/net/ph0
want start 0
want stop 0
eventually "the NIC is back under its name" test -e /sys/class/net/ph0
restore_config

story "boots by itself"
config "lxc.start.auto = 1"
want start 5 "no LXC container other" OCF_RESKEY_ctid=other
want start 2 "onboot=refuse" OCF_RESKEY_onboot=refuse
want validate-all 0 "starts it at boot" OCF_CHECK_LEVEL=10
want start 0
check "only warned" grep -q '^lxc.start.auto = 1' "$CONF"
want stop 0
want start 0 OCF_RESKEY_onboot=fix
check "switched off" grep -q '^lxc.start.auto = 0' "$CONF"
check "once" test "$(grep -c lxc.start.auto "$CONF")" == 1
want stop 0
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

story "two agents start it at once"
for ((i = 0; i < 5; i++)); do
	env "${params[@]}" "$AGENT" start & a=$!
	env "${params[@]}" OCF_RESKEY_lxcpath=/d0/vz/var/lib/lxc "$AGENT" start & b=$!
	wait $a || fail "the first of two starts failed"
	wait $b || fail "the second of two starts failed"
	check "one init" test "$(inits)" == 1
	want stop 0 OCF_RESKEY_stop_mode=kill
done

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
