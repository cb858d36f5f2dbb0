#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container on vzctl's containers, as the stand-in in test/fake/vzctl makes them: what only vzctl
# can do wrong. What every engine's containers do is in vz-container-behaviours.sh.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"

# shellcheck source-path=SCRIPTDIR source=vz-container-on-vzctl.sh
. "$(dirname "$0")/vz-container-on-vzctl.sh"

ct_make
ct_install
ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up

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
ln -sfn /proc/$$/ns/net /run/netns/101 # and a stranger's namespace
want monitor 7
want_probe 7
want start 0
check "one of its own" test "$(readlink "/proc/$(</var/lib/vzctl/vepid/101)/ns/net")" != "$(readlink /proc/$$/ns/net)"
want stop 0

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

story "stopped, but somebody is still at its mount"
want start 0
kill -KILL "$(ct_init)"
eventually "all gone" ct_all_gone
echo 1 >/run/fake-vzctl.slow-umount
setsid vzctl umount 101 &
eventually "locked" test -s /vz/lock/101.lck
want stop 0
check "waited, unmounted" eval '! mounted'
want start 0
kill -KILL "$(ct_init)"
eventually "all gone" ct_all_gone
echo 1000 >/run/fake-vzctl.slow-umount
setsid vzctl umount 101 &
eventually "locked" test -s /vz/lock/101.lck
rm /run/fake-vzctl.slow-umount
want stop 0 OCF_RESKEY_CRM_meta_timeout=6000
check "$ms ms of 6000" test "$ms" -lt 6000
check "unmounted all the same" eval '! mounted'

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

story "suspended, and restored once"
suspend=OCF_RESKEY_stop_mode=suspend
TOKEN=/vz/private/.vzha-dump.101
remember()
{
	vzctl exec2 101 "echo $1 >/tmp/memory"
}
restored()
{
	[[ $(cat $PRIVATE/restored 2>/dev/null) == "$1" ]]
}
want start 0 $suspend
remember one
want stop 0 $suspend
want monitor 7 $suspend
check "unmounted" eval '! mounted'
check "a dump" test -s /vz/dump/Dump.101
check "a token" grep -q '^ctid=101 inode=' $TOKEN
want stop 0 $suspend # again: it is stopped, and stays suspended
check "the dump is kept" test -s /vz/dump/Dump.101
want start 0 $suspend
check "restored" restored one
check "no token" test ! -e $TOKEN
check "no dump" test -z "$(ls /vz/dump)"
remember two
rm $PRIVATE/restored
want stop 0 $suspend
cp /vz/dump/Dump.101 /run/dump # on a disk of the other node, say
want start 0 $suspend
check "restored" restored two
rm $PRIVATE/restored
want stop 0
cp /run/dump /vz/dump/Dump.101
want start 0 $suspend
check "an old image is not" test ! -e $PRIVATE/restored
check "but kept" grep -qx two /vz/dump/Dump.101.vzha-*
rm /vz/dump/*

story "a suspended container that boots elsewhere, or by another will, is not restored afterwards"
remember three
want stop 0 $suspend
mv /vz/dump/Dump.101 /run/dump # the other node does not see it
want start 0 $suspend
check "booted" test ! -e $PRIVATE/restored
want stop 0
mv /run/dump /vz/dump/Dump.101
want start 0 $suspend
check "booted" test ! -e $PRIVATE/restored
rm /vz/dump/*
remember four
want stop 0 $suspend
want start 0 # stop_mode has changed
check "booted" test ! -e $PRIVATE/restored
rm /vz/dump/*
for ((i = 0; i < 2; i++)); do # the agent is killed in the one attempt: the second start boots
	rm -f $PRIVATE/restored
	remember bad
	want stop 0 $suspend
	echo 3 >/run/fake-vzctl.slow
	setsid env "${params[@]}" $suspend "$AGENT" start &
	eventually "token taken" test ! -e $TOKEN
	kill -KILL -- -$! 2>/dev/null
	wait $! 2>/dev/null
	rm /run/fake-vzctl.slow
	want start 0 $suspend
	check "booted" test ! -e $PRIVATE/restored
	one=$(inits)
	check "one init, not $one" test "$one" == 1
	rm -f /vz/dump/*
done

story "a dump that cannot be restored, a suspension that fails, one that is not worth trying"
remember bad-image
want stop 0 $suspend
want start 0 $suspend
check "booted" test ! -e $PRIVATE/restored
check "kept" grep -qx bad-image /vz/dump/Dump.101.vzha-*
rm /vz/dump/*

touch /run/fake-vzctl.no-criu
want stop 0 $suspend
want monitor 7
check "shut down" test -z "$(ls /vz/dump)" -a ! -e $TOKEN
rm /run/fake-vzctl.no-criu
want start 0 $suspend
ip link set veth101.0 nomaster # not healthy
want stop 0 $suspend
check "shut down" test -z "$(ls /vz/dump)" -a ! -e $TOKEN
echo old >/vz/dump/Dump.101
want start 0 OCF_RESKEY_stale_dump=restore
check "restored by wish" restored old
check "used up" test -z "$(ls /vz/dump)"
rm $PRIVATE/restored
want stop 0

story "a memory dump is never restored"
echo image >/vz/dump/Dump.101
want start 1 "Dump.101" OCF_RESKEY_stale_dump=refuse
want start 0
check "booted" test ! -e $PRIVATE/restored
check "kept" grep -qx image /vz/dump/Dump.101.vzha-*
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
