#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# monitor.sh: what the recurring monitor of each agent costs (C8), beside an empty C program (wall
# time, bar 1.7) and beside the shell agent that does the same job (CPU time, bar 0.1), and what a
# bridge of 200 ports costs beside one of one port (bar 2). Each compared resource is active.
#
# A ratio of CPU time above the bar beside a shell agent that does very little says that an exec alone
# costs a tenth of it: executing a program is what remains.
#
# drbddisk asks a declared stand-in here, by a program (test/fake/drbd): its figure is not the real
# one; on the real module its monitor starts nothing (test/vm/drbddisk.sh).

# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"
bench_node "$@"
# shellcheck source-path=SCRIPTDIR source=../agent/fixture.sh
. "$(dirname "$0")/../agent/fixture.sh"

shell=/usr/lib/ocf/resource.d/heartbeat
export OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 OCF_RESOURCE_INSTANCE=bench HA_LOGFACILITY=none
export OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_CRM_meta_interval=10000

# active PROGRAM PARAM=VALUE...: started; its parameters stay in the environment
active()
{
	local program=$1 param
	shift
	for param; do
		export "OCF_RESKEY_$param"
	done
	"$program" start >/tmp/start 2>&1 || bench_fail "$program does not start: $(</tmp/start)"
}

# compare AGENT [SHELL_AGENT PARAM=VALUE...]
compare()
{
	local name=$1 rival=${2-}

	fixture "$name"
	active "$agent" "${params[@]}"
	bench_pair "$name monitor beside an empty program" -n 300 -W 1.7 -R 8192 "$agent" monitor -- "$BENCH_EMPTY"
	if [[ -n $rival ]]; then
		active "$shell/$rival" "${@:3}"
		bench_pair "$name monitor beside $rival" -n 30 -C 0.1 "$agent" monitor -- "$shell/$rival" monitor
	fi
	# Whatever the next one needs is not in use any more.
	OCF_RESKEY_stop_mode="kill" "$agent" stop >/tmp/stop 2>&1 || bench_fail "$agent does not stop: $(</tmp/stop)"
}

compare veth-bridge iface-bridge bridge_name=br9
compare vz-container lxc container=ct101 config=/var/lib/lxc/ct101/config
compare vzroot-relocation symlink link=/tmp/bench-link target=/tmp
compare drbddisk

# bridge_cost PORTS: how long the monitor of a bridge with so many host ends takes, beside an empty
# program; the links of the other end are in another namespace, as containers' are
bridge_cost()
{
	local n=$1 i
	local -a vars=(OCF_RESKEY_uplink= "OCF_RESKEY_ports=none$n" "OCF_RESKEY_bridge=br$n")

	ip link add "br$n" up type bridge || bench_fail "no br$n"
	for ((i = 0; i < n; i++)); do
		ip link add "port$n.$i" master "br$n" up type veth peer name "peer$n.$i" netns "$containers" ||
			bench_fail "no port $i"
	done
	env "${vars[@]}" "$bridge_agent" start >/tmp/start 2>&1 || bench_fail "br$n: $(</tmp/start)"
	bench_pair "veth-bridge monitor, $n ports, beside an empty program" -n 300 \
		"${vars[@]}" "$bridge_agent" monitor -- "$BENCH_EMPTY" | tee "/tmp/cost.$n"
}
bridge_agent=/usr/lib/ocf/resource.d/vzha/veth-bridge
unshare --net sleep infinity &
containers=$!
bridge_cost 1
bridge_cost 200
kill "$containers"
ours() { sed -n 's/.*(wall): ours \([0-9.]*\) .*/\1/p' "/tmp/cost.$1"; }
bench_ratio "veth-bridge monitor, 200 ports beside 1" ms "$(ours 200)" "$(ours 1)" 2
