#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034,SC2119 # for the shells and evals that get them; "stopped"
#
# vz-container-health.sh lxc|vzctl: how well a container is, and what start sees to beyond its init:
# monitor's levels 10 and 20, the default route, announcements. See vz-container-behaviours.sh.

# shellcheck source-path=SCRIPTDIR source=vz-container-lib.sh
. "$(dirname "$0")/vz-container-lib.sh"
# shellcheck source-path=SCRIPTDIR source=vz-container-on-lxc.sh
. "$(dirname "$0")/vz-container-on-$1.sh"

ip link add br0 type bridge forward_delay 0 || fail "no bridge"
ip link set br0 up
ct_make
ct_install

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

story "a bridge that is not here is told beforehand"
want validate-all 0 OCF_CHECK_LEVEL=10
[[ $out != *"bridge br0"* ]] || fail "br0 is here: $out"
ip link del br0
want validate-all 0 "wants to be in bridge br0, which is not on this host" OCF_CHECK_LEVEL=10

echo "all went well"
