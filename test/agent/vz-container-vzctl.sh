#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container on vzctl's containers, as the stand-in in test/fake/vzctl makes them: its processes,
# namespaces, control groups, files and locks are real, OpenVZ it is not.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"

params=(OCF_RESKEY_ctid=101 OCF_RESKEY_engine=vzctl)
CONF=/etc/vz/conf/101.conf
PRIVATE=/vz/private/101
GROUP=/sys/fs/cgroup/vz-101

# shellcheck source-path=SCRIPTDIR source=../fake/vzctl/container.sh
. "$(dirname "$0")/../fake/vzctl/container.sh"

mounted()
{
	grep -q ' /vz/root/101 ' /proc/self/mountinfo
}

inits()
{
	local pid n=0
	for pid in $(members vz-101); do
		[[ $(awk '/^NSpid/ {print $NF}' "/proc/$pid/status") != 1 ]] || n=$((n + 1))
	done
	echo $n
}

halt_is()
{
	printf '#!/bin/sh\n%s\n' "$1" >"$PRIVATE/sbin/halt"
}

halt_is_good()
{
	halt_is 'kill -USR2 1'
}

story "a node that knows nothing of the container, not even vzctl"
want_probe 7
want_probe 7 OCF_RESKEY_engine=auto
want monitor 7
want stop 0
want start 5 "no OpenVZ container 101"
want start 6 "vzctl's containers have a number" OCF_RESKEY_ctid=mail
want_probe 7 OCF_RESKEY_ctid=mail
want stop 0 OCF_RESKEY_ctid=mail

vzctl_container
want start 5 "no vzctl"
want validate-all 5 "no vzctl" OCF_CHECK_LEVEL=10
install -m 755 "$VZHA_BINARY_DIR/test/fake-vzctl" /usr/sbin/vzctl
ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up

story "start, again, monitor, stop, again"
want start 0
check "one init" test "$(inits)" == 1
want start 0
check "one init" test "$(inits)" == 1
want monitor 0
want_probe 0 OCF_RESKEY_engine=auto
want status 0 "veth101.0, in bridge br0 (forwarding)"
want stop 0
check "asked, it stops in $ms ms" test "$ms" -lt 4000
check "unmounted" eval '! mounted'
want monitor 7
want stop 0
want start 0 OCF_RESKEY_engine=auto
want stop 0 OCF_RESKEY_engine=auto
want start 0
want stop 0 OCF_RESKEY_stop_mode=kill
check "unmounted" eval '! mounted'

story "init killed: stopped, though PID file and namespace link stay; stop unmounts"
want start 0
kill -KILL "$(</var/lib/vzctl/vepid/101)"
eventually "empty" gone vz-101
check "the PID file is left" test -s /var/lib/vzctl/vepid/101
want monitor 7
check "still mounted" mounted
want stop 0
check "unmounted" eval '! mounted'
echo $$ >/var/lib/vzctl/vepid/101 # another node's number, ours by chance
want monitor 7
want_probe 7

story "halted from inside: not running, then started again"
want start 0
vzctl exec2 101 kill -USR2 1
eventually "empty" gone vz-101
want monitor 7
want start 0
want stop 0

story "a stray process in its group is not a container, but nothing to start over"
mkdir -p $GROUP
sleep 1000 &
stray=$!
echo $stray >$GROUP/cgroup.procs
want_probe 0
want monitor 1 "init is dead" OCF_RESKEY_CRM_meta_timeout=2000
want start 1 "no init"
want stop 0 OCF_RESKEY_CRM_meta_timeout=5000
want monitor 7
wait $stray 2>/dev/null

story "frozen"
want start 0
echo 1 >$GROUP/cgroup.freeze
want monitor 0
want stop 0
check "thawed, it stops in $ms ms" test "$ms" -lt 4000

story "a halt that never ends"
want start 0
halt_is 'exec sleep 1000'
want stop 0
check "the halt and vzctl are asked to end after 60 %: $ms ms" test "$ms" -lt 13000 -a "$ms" -gt 10000
check "unmounted" eval '! mounted'
check "nobody is left" eval '! pgrep -r R,S,D,T -x vzctl'
want start 0
want stop 0 OCF_RESKEY_CRM_meta_timeout=5000
check "$ms ms of 5000" test "$ms" -lt 5000
check "unmounted" eval '! mounted'
halt_is_good

story "somebody else's vzctl stop hangs, and holds the lock"
want start 0
halt_is 'trap "" TERM; while :; do sleep 1; done'
setsid vzctl stop 101 &
eventually "locked" test -s /vz/lock/101.lck
want stop 0 OCF_RESKEY_CRM_meta_timeout=10000
check "$ms ms of 10000" test "$ms" -lt 10000
want monitor 7
check "unmounted" eval '! mounted'
halt_is_good
want start 0
want stop 0

story "a failing stop script"
printf 'exit 1\n' >/etc/vz/conf/101.stop
want start 0
want stop 0 OCF_RESKEY_CRM_meta_timeout=10000
check "not waited for: $ms ms" test "$ms" -lt 4000
check "unmounted" eval '! mounted'
rm /etc/vz/conf/101.stop

story "configuration, private area, vzctl lost while running"
want start 0
mv $CONF /run/101.conf
want monitor 0
want stop 0
want monitor 7
check "unmounted" eval '! mounted'
mv /run/101.conf $CONF
want start 0
mv $PRIVATE /run/private
want monitor 0
want stop 0
want monitor 7
mv /run/private $PRIVATE
want start 0
mv /usr/sbin/vzctl /run/vzctl
want monitor 0
want_probe 0
want stop 0
want monitor 7
check "unmounted" eval '! mounted'
mv /run/vzctl /usr/sbin/vzctl
want start 0
mv /etc/vz/vz.conf /run/vz.conf
want monitor 0
want stop 0
want monitor 7
mv /run/vz.conf /etc/vz/vz.conf

story "busy below its root: stopped all the same"
want start 0
mkdir -p $PRIVATE/busy
mount -t tmpfs busy /vz/root/101/busy
want stop 0
want monitor 7
umount /vz/root/101/busy
want stop 0
check "unmounted by the next stop" eval '! mounted'

story "locks"
echo 1 >/vz/lock/101.lck # lives on every node
want start 1 "stale lock" OCF_RESKEY_stale_lock=refuse
want start 0
want status 0
echo 1 >/vz/lock/101.lck
want stop 0
check "a stale lock does not keep it from stopping: $ms ms" test "$ms" -lt 4000
for lock in 999999 '' garbage; do
	echo "$lock" >/vz/lock/101.lck
	want start 0
	want stop 0
done
echo 2 >/run/fake-vzctl.slow
setsid vzctl start 101 &
eventually "locked" test -s /vz/lock/101.lck
want_probe 0 # not yet, but about to
want start 0
check "it waited: $ms ms" test "$ms" -gt 500
check "one init" test "$(inits)" == 1
want stop 0
echo 20 >/run/fake-vzctl.slow
setsid vzctl start 101 &
eventually "locked" test -s /vz/lock/101.lck
want start 1 "vzctl start 101" OCF_RESKEY_CRM_meta_timeout=4000
want stop 0 OCF_RESKEY_CRM_meta_timeout=6000
check "$ms ms of 6000" test "$ms" -lt 6000
check "nobody is left" eval '! pgrep -r R,S,D,T -x vzctl'
want monitor 7
check "no init" test "$(inits)" == 0
rm /run/fake-vzctl.slow

story "does not start: says why"
mv $PRIVATE /run/private
want start 1 "private area"
mv /run/private $PRIVATE
echo 'DISABLED="yes"' >>$CONF
want start 1 "exit code 105"
sed -i /DISABLED/d $CONF
mv $PRIVATE/sbin/init /run/init.good
printf '#!/bin/sh\nexit 0\n' >$PRIVATE/sbin/init
chmod +x $PRIVATE/sbin/init
want start 1 "its init ended at once"
want stop 0
check "unmounted" eval '! mounted'
mv /run/init.good $PRIVATE/sbin/init

story "a memory dump is never restored"
echo image >/vz/dump/Dump.101
want start 1 "Dump.101" OCF_RESKEY_stale_dump=refuse
want start 0
check "booted" test ! -e $PRIVATE/restored
check "kept" grep -qx image /vz/dump/Dump.101.vzha-*
want stop 0

story "boots by itself"
echo 'ONBOOT="yes"' >>$CONF
want start 2 "ONBOOT=yes" OCF_RESKEY_onboot=refuse
want validate-all 0 "ONBOOT=yes" OCF_CHECK_LEVEL=10
want start 0 OCF_RESKEY_onboot=fix
check "switched off" grep -qx 'ONBOOT="no"' $CONF
want stop 0

story "the agent dies in the middle of a start"
for delay in 0.002 0.01 0.03 0.1; do
	setsid env "${params[@]}" "$AGENT" start &
	sleep $delay
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	want stop 0
	check "no init after $delay" test "$(inits)" == 0
	echo 1 >/run/fake-vzctl.slow
	setsid env "${params[@]}" "$AGENT" start &
	sleep $delay
	kill -KILL -- -$! 2>/dev/null
	wait $! 2>/dev/null
	rm /run/fake-vzctl.slow
	want start 0
	check "one init after $delay" test "$(inits)" == 1
	want stop 0
done

story "configured for both engines"
mkdir -p /var/lib/lxc/101
echo "lxc.uts.name = x" >/var/lib/lxc/101/config
want start 2 "by the parameter engine" OCF_RESKEY_engine=auto
want_probe 7 OCF_RESKEY_engine=auto
want start 0
want monitor 0 OCF_RESKEY_engine=auto
want start 0 OCF_RESKEY_engine=auto # it runs: that tells
want stop 0 OCF_RESKEY_engine=auto
want monitor 7

echo "all went well"
