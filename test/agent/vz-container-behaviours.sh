#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vz-container-behaviours.sh lxc|vzctl: what every container does under the agent, whatever it is
# made with. LXC's are real; vzctl's come from the stand-in in test/fake/vzctl.
# vz-container-on-ENGINE.sh says how such a container is made, spoilt and looked at; what only one
# engine can do wrong is in vz-container-ENGINE.sh.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"
# shellcheck source-path=SCRIPTDIR source=vz-container-on-lxc.sh
. "$(dirname "$0")/vz-container-on-$1.sh"

inits()
{
	local pid n=0
	for pid in $(members "$GROUP"); do
		[[ $(awk '/^NSpid/ {print $NF}' "/proc/$pid/status" 2>/dev/null) != 1 ]] || n=$((n + 1))
	done
	echo $n
}

one_init()
{
	check "one init, not $(inits)${1:+ ($1)}" test "$(inits)" == 1
}

stopped()
{
	want stop 0 "$@"
	want monitor 7
	check "nothing stays mounted" ct_nothing_mounted
}

# Where its processes live now: LXC takes another name when the usual one is taken.
group()
{
	local init
	init=$(ct_init)
	[[ -z $init ]] && echo "/sys/fs/cgroup/$GROUP" && return
	echo "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$init/cgroup")"
}

freeze()
{
	local frozen
	frozen=$(group)
	echo 1 >"$frozen/cgroup.freeze"
	eventually "it is frozen" grep -qx "frozen 1" "$frozen/cgroup.events"
}

away()
{
	mkdir -p /run/away && mv "$@" /run/away
}

# A process in the container's control group, and if need be in its PID namespace
stray()
{
	local procs
	procs=$(group)/cgroup.procs
	# shellcheck disable=SC2016 # for that shell
	sh -c 'echo $$ >"$0" && exec "$@"' "$procs" "$@" &
	stray=$!
	eventually "it is in the group" grep -qx $stray "$procs"
}

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
mkdir -p /tmp/stuck && mount -o loop /tmp/stuck.img /tmp/stuck || fail "no loop device"
want start 0
trap 'fsfreeze -u /tmp/stuck' EXIT # whatever happens: nothing could end that process
fsfreeze -f /tmp/stuck
# shellcheck disable=SC2016 # for that shell
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

story "a NIC that moved in is announced, also for an address that comes later, and never holds it"
ct_takes_nic ph0
ip link add ph0 type veth peer name ph1
ip addr add 10.9.9.1/24 dev ph1
ip link set ph1 up
neighbour()
{
	ip neigh show 10.9.9.2 dev ph1
}
other_node()
{
	ip neigh replace 10.9.9.2 lladdr 02:00:00:00:00:99 nud stale dev ph1
}
mac=$(</sys/class/net/ph0/address)
other_node
want start 0
inside=(nsenter -n -t "$(ct_init)" ip)
"${inside[@]}" link set ph0 up
"${inside[@]}" addr add 10.9.9.2/24 dev ph0
eventually "the neighbour knows $mac: $(neighbour)" eval '[[ $(neighbour) == *$mac* ]]'
check "announced from beside the container" pgrep -x nic-announce
kill -KILL "$(ct_init)"
eventually "the announcer ends with init" eval '! pgrep -x nic-announce'
eventually "all gone" ct_all_gone
ct_nic_is_back ph0
ip addr replace 10.9.9.1/24 dev ph1
ip link set ph1 up
other_node
want start 0 OCF_RESKEY_announce=0
"${inside[@]:0:3}" "$(ct_init)" ip link set ph0 up
check "nobody announces" eval '! pgrep -x nic-announce'
stopped
eventually "the announcer has ended" eval '! pgrep -x nic-announce'
ct_is_good
ct_nic_is_back ph0
ip link del ph0

story "health: what level 10 sees and level 0 does not"
level10=OCF_CHECK_LEVEL=10
level20=OCF_CHECK_LEVEL=20
host_end()
{
	ip -br link show master br0 | sed -n 's/@.*//p' | head -n 1
}
want start 0
want monitor 0 $level10
want monitor 0 $level20
freeze
want monitor 1 "it is frozen" $level10
want monitor 0
want stop 0
want start 0
ip link set "$(host_end)" nomaster
want monitor 1 "1 of its host ends should be in bridge br0, 0 are" $level10
want monitor 0
want stop 0
want start 0
ip link del "$(host_end)"
want monitor 1 "only 0 of its 1 host ends exist" $level10
want monitor 0
stopped

story "health_command: by exit code, in the container, and never longer than it may take"
health=OCF_RESKEY_health_command
want start 0
ct_exec 'echo fine >/tmp/inside'
# shellcheck disable=SC2034 # for eventually
before=$(members "$GROUP" | wc -l)
want monitor 0 $level20 $health='read x </tmp/inside && [ "$x" = fine ]'
want monitor 0 $level10 $health=false
want monitor 1 "not healthy: exit code 7: no mail today" $level20 \
	$health='echo no mail today; exit 7'
want monitor 1 "not healthy" $level20 $health='kill -KILL $$'
want monitor 1 "not healthy" $level20 $health=/no/such/program
want monitor 1 "not healthy" $level20 $health='while :; do echo much; done | head -c 9999999; exit 1'
want monitor 1 "no answer within 1 s" $level20 OCF_RESKEY_health_timeout=1 \
	$health='trap "" TERM HUP; while :; do sleep 1; done'
check "$ms ms" test "$ms" -lt 5000
want monitor 1 "no answer" $level20 OCF_RESKEY_health_timeout=60 \
	OCF_RESKEY_CRM_meta_timeout=4000 $health='sleep 1000'
check "$ms ms of 4000" test "$ms" -lt 4000
eventually "nothing that was run stays" eval '(($(members "$GROUP" | wc -l) <= before))'
want monitor 0 $level20 $health=true
freeze
want monitor 1 "it is frozen" $level20 $health=true
want stop 0

story "start waits for its health, within start_wait"
want start 0 OCF_RESKEY_start_wait=2 $health='exit 1'
check "waited $ms ms" test "$ms" -ge 2000 -a "$ms" -lt 8000
want stop 0
want start 0 OCF_RESKEY_start_wait=10 \
	$health='[ -e /tmp/third ] || { [ -e /tmp/second ] && touch /tmp/third; touch /tmp/second; exit 1; }'
check "waited $ms ms" test "$ms" -ge 1000 -a "$ms" -lt 9000
want stop 0
want start 0 OCF_RESKEY_start_wait=0 $health='exit 1'
stopped

story "the default route: set at start, put right at level 10, and nothing but the container's"
route=OCF_RESKEY_default_route=eth0
best()
{
	nsenter -n -t "$(ct_init)" ip -4 route show default | head -n 1
}
own=$(ip -4 route)
want start 0 $route
[[ $(best) == "default dev eth0"* ]] || fail "the default route is: $(best)"
want monitor 0 $level10 $route
inside=(nsenter -n -t "$(ct_init)" ip)
"${inside[@]}" link add venet0 type veth peer name venet1
"${inside[@]}" link set venet0 up
"${inside[@]}" route replace default dev venet0
want monitor 0 $route
[[ $(best) == *venet0* ]] || fail "level 0 changed the route"
want monitor 0 $level10 $route
[[ $(best) == "default dev eth0"* ]] || fail "not put right: $(best)"
"${inside[@]}" addr add 10.9.0.2/24 dev eth0
"${inside[@]}" route replace default dev venet0
"${inside[@]}" route add default via 10.9.0.1 dev eth0 metric 9
want reload-agent 0 $route
[[ $(best) == "default via 10.9.0.1 dev eth0"* ]] || fail "the gateway is lost: $(best)"
want monitor 1 "no device eth7 in it" $level10 OCF_RESKEY_default_route=eth7
[[ $(ip -4 route) == "$own" ]] || fail "the host's routes changed"
stopped
want start 0 OCF_RESKEY_default_route=eth7 # a warning: it runs
stopped

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
	# shellcheck disable=SC2016 # for that shell
	nsenter -p -t "$(ct_init)" bash -c 'exec -a "$0" perl -e "sleep 1000" start 102 -n other' "$name" &
done
eventually "they are there" eval '(($(pgrep -cf "start 102 -n other") >= 3))'
want_probe 7 OCF_RESKEY_ctid=102 OCF_RESKEY_engine=auto
want_probe 7 OCF_RESKEY_ctid=other OCF_RESKEY_engine=auto
want stop 0 OCF_RESKEY_ctid=102 OCF_RESKEY_engine=auto
one_init
stopped

echo "all went well"
