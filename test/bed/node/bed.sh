# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015,SC2034 # a && b || fail is meant; variables for the callers
#
# bed.sh - cluster nodes made of namespaces, on one kernel, in a fraction of a second
#
#	#!/bin/bash
#	. "$(dirname "$0")/../bed/node/bed.sh"
#	bed_enter "$@"			# first: re-executes the script inside a lab of its own
#	bed_up				# switches, client, cgroup
#	node_boot node1			# a machine: own disk, network, processes, cgroups
#	node_boot node2
#	node_run node1 ping -c1 node2	# a command in it; stdin, stdout and exit code are the command's
#	node_kill node1			# power cut (SIGKILL of its init); node_boot starts it again
#	node_cable node2 cut eth1	# pull a cable; join plugs it in again
#	client_run ping -c1 10.78.0.101	# the outside world
#	bed_wait 10 node_run node2 test -e /run/x	# until it is true, or fail saying what was seen
#	bed_down			# also done at exit; harmless twice
#
# The lab is a set of namespaces (mount, network, process ids) with this script as its first
# process: however the script ends, even by SIGKILL, every process, mount and link goes with it.
# Process ids in the lab are the lab's own.
#
# A node has
#	/		an overlay of the machine's own root, or of $BED_ROOT. Its upper directory is the node's
#			disk: it survives node_kill and is gone after bed_down.
#	/run /tmp /dev	its own, empty at each boot (then systemd-tmpfiles runs, as at any boot)
#	/lab		a directory that all nodes and the script share ($BED_SHARE outside)
#	eth0		10.77.0.N/24, the cluster's network: switch sw0; the client is 10.77.0.254
#	eth1		no address, the outside world:      switch sw1; the client is 10.78.0.254
#	/sys/fs/cgroup	a unified hierarchy (v2) that begins at the node's own cgroup: LXC works, and
#			nodes do not see each other's containers
#	vzha		$VZHA_STAGE (made by `DESTDIR=... cmake --install`), unpacked on the first boot
# $VZHA_SOURCE_DIR, $VZHA_BINARY_DIR and each directory of $BED_BIND are at their usual path, read-only.
# A filesystem "shared by all nodes but mounted on one": an ext4 image under /lab, mounted with
# -o loop on the node that has it (or just a tmpfs on /d0, for a single node).
#
# Nothing is ever pinned with `ip netns add`: a pinned network namespace outlives its processes
# and would go on answering ping after the power cut.

BED_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BED_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
BED_LAB=/run/vzha-bed
BED_SHARE=$BED_LAB/share
: "${VZHA_SOURCE_DIR:=$(cd "$BED_DIR/../../.." && pwd)}"

bed_fail()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# bed_failed TEXT...: ends the test; first the script's report NODE for each node that lives
bed_failed()
{
	local dir
	echo "FAILED: $*"
	for dir in "$BED_LAB"/node/*; do
		node_alive "${dir##*/}" || continue
		echo "--- ${dir##*/}"
		report "${dir##*/}" 2>&1
	done
	exit 1
}

# node_report NODE: links, container directories, disks
node_report()
{
	node_sh "$1" 'ip -br link; ls -la /var/lib/lxc; mount | grep /d0; ls -l /dev/drbd0'
}

bed_skip()
{
	echo "${0##*/}: cannot run here: $*" >&2
	exit 77
}

# bed_wait SECONDS COMMAND...: run it every 100 ms until it succeeds. Says what it saw last and
# returns 1 when it never did.
bed_wait()
{
	local until out limit=$1
	shift
	until=$((${EPOCHREALTIME/[.,]/} + limit * 1000000))
	while ! out=$("$@" 2>&1); do
		if ((${EPOCHREALTIME/[.,]/} > until)); then
			printf '%s: not within %s s: %s\n%s\n' "${0##*/}" "$limit" "$*" "$out" >&2
			return 1
		fi
		sleep 0.1
	done
}

# bed_agents NAME...: fail at once when the stage does not have these agents
bed_agents()
{
	local agent
	for agent; do
		[[ -x ${VZHA_STAGE-}/usr/lib/ocf/resource.d/vzha/$agent ]] ||
			bed_fail "no $agent in VZHA_STAGE=${VZHA_STAGE-}: DESTDIR=STAGE cmake --install BUILD"
	done
}

# bed_enter "$@": continue this script as process 1 of a lab of its own.
bed_enter()
{
	[[ -n ${BED_INSIDE-} && $$ -eq 1 ]] && return 0
	((EUID == 0)) || bed_skip "namespaces of a whole machine need root"
	local tool
	for tool in unshare nsenter ip mount findmnt tar setsid systemd-tmpfiles; do
		command -v "$tool" >/dev/null || bed_skip "no $tool"
	done
	mkdir -p "$BED_LAB" || bed_fail "no $BED_LAB to mount the lab on"
	exec env BED_INSIDE=1 unshare --mount --net --uts --pid --fork --kill-child \
		--mount-proc --propagation private -- bash "$(realpath "$0")" "$@"
}

# The lab's cgroup holds the lab's own processes in lab/ and each node's in node-NAME/.
bed_cgroup_up()
{
	local d
	mkdir "$BED_LAB/cgroup"
	mount -t cgroup2 cgroup2 "$BED_LAB/cgroup" || bed_skip "no unified cgroup hierarchy"
	# What a lab left that ended by SIGKILL. One that has just begun is not populated yet.
	while read -r d; do
		grep -qx 'populated 0' "$d/cgroup.events" && bed_cgroup_remove "$d"
	done < <(find "$BED_LAB/cgroup" -maxdepth 1 -name 'vzha-bed.*' -mmin +1)
	BED_CG=$(mktemp -d "$BED_LAB/cgroup/vzha-bed.XXXXXX") && mkdir "$BED_CG/lab" &&
		echo 0 >"$BED_CG/lab/cgroup.procs" || bed_skip "the cgroup hierarchy is not writable"
}

# bed_cgroup_remove DIR: a cgroup whose processes are dead, with all below it
bed_cgroup_remove()
{
	find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
	[[ ! -d $1 ]]
}

bed_client_up()
{
	setsid unshare --net sleep infinity &
	BED_CLIENT=$!
	disown
	bed_wait 5 bed_other_netns "$BED_CLIENT" || return 1
	local i
	for i in 0 1; do
		ip link add "client-$i" type veth peer name "eth$i" netns "$BED_CLIENT" || return 1
		ip link set "client-$i" master "sw$i" up
		client_run ip addr add "10.$((77 + i)).0.254/24" brd + dev "eth$i"
		client_run ip link set "eth$i" up
	done
	client_run ip link set lo up
}

bed_other_netns()
{
	[[ $(readlink "/proc/$1/ns/net") != "$(readlink /proc/$$/ns/net)" ]]
}

# bed_up: the empty lab: a tmpfs for everything, two switches, a client
bed_up()
{
	[[ -n ${BED_INSIDE-} && $$ -eq 1 ]] || bed_fail "bed_up outside of a lab; bed_enter first"
	trap bed_down EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	mount -t tmpfs -o mode=755 vzha-bed "$BED_LAB" || bed_fail "no tmpfs for the lab"
	mkdir -p "$BED_SHARE" "$BED_LAB/node"
	chmod 1777 "$BED_SHARE"
	bed_cgroup_up
	local sw
	ip link set lo up
	for sw in sw0 sw1; do
		ip link add "$sw" type bridge forward_delay 0 mcast_snooping 0 &&
			ip link set "$sw" up || bed_fail "no switch $sw"
	done
	bed_client_up || bed_fail "no client"
}

# bed_down: everything off and gone. The verdict of the test is not touched.
bed_down()
{
	local status=$? dir pids
	trap - EXIT
	for dir in "$BED_LAB"/node/*/; do
		[[ -d $dir ]] && node_kill "$(basename "$dir")"
	done
	if [[ -n ${BED_CG-} ]]; then
		# The client, the power switch and whatever the script left in the background
		echo 0 >"$BED_LAB/cgroup/cgroup.procs"
		mapfile -t pids <"$BED_CG/lab/cgroup.procs"
		kill -KILL "${pids[@]}" 2>/dev/null
		bed_wait 5 bed_cgroup_remove "$BED_CG"
		unset BED_CG BED_CLIENT
	fi
	return "$status"
}

# client_run COMMAND...: in the client's network, with the script's files
client_run()
{
	nsenter -t "$BED_CLIENT" -n -- "$@"
}

# client_bg OUTPUT COMMAND...: the same in the background; sets BED_BG to its process id
client_bg()
{
	local out=$1
	shift
	nsenter -t "$BED_CLIENT" -n -- "$@" >"$out" 2>&1 &
	BED_BG=$!
}

# node_boot NAME: power on. Names end in the node's number (node1) or are taken as number 1.
node_boot()
{
	local name=$1 dir=$BED_LAB/node/$1 num=${1##*[!0-9]} i
	node_alive "$name" && bed_fail "$name runs already"
	((${#name} <= 10)) || bed_fail "$name: longer than 10 characters"
	mkdir -p "$dir"/{upper,work,root} "$BED_CG/node-$name"
	rm -f "$dir/pid" "$dir/up"
	node_init "$name" "$dir" &
	disown
	bed_wait 20 test -s "$dir/pid" || bed_fail "$name: no init: $(<"$dir/console")"
	for i in 0 1; do
		bed_wait 5 node_link_free "$name-$i" &&
			ip link add "$name-$i" type veth peer name "eth$i" netns "$(<"$dir/pid")" &&
			ip link set "$name-$i" master "sw$i" up || bed_fail "$name: no eth$i"
	done
	echo "${num:-1}" >"$dir/go"
	bed_wait 60 node_up "$name" || bed_fail "$name does not come up"
}

# The init of a node, in the node's cgroup; replaces the calling (sub)shell
node_init()
{
	echo 0 >"$BED_CG/node-$1/cgroup.procs"
	exec env -i PATH="$BED_PATH" NAME="$1" DIR="$2" SHARE="$BED_SHARE" ROOT="${BED_ROOT-}" \
		STAGE="${VZHA_STAGE-}" BIND="$VZHA_SOURCE_DIR ${VZHA_BINARY_DIR-} ${BED_BIND-}" \
		setsid unshare --mount --net --uts --ipc --pid \
		--cgroup --fork --kill-child --propagation private -- bash "$BED_DIR/init.sh" \
		>"$2/console" 2>&1 </dev/null
}

node_link_free()
{
	[[ ! -e /proc/self/net/dev ]] || ! grep -q "^ *$1:" /proc/self/net/dev
}

# node_alive NAME: is its init there? (The kernel may still be tearing the node down otherwise.)
node_alive()
{
	local pid
	read -r pid 2>/dev/null <"$BED_LAB/node/$1/pid" && kill -0 "$pid" 2>/dev/null
}

# booted to the end; false with the console on stdout while not
node_up()
{
	[[ -e $BED_LAB/node/$1/up ]] && return 0
	cat "$BED_LAB/node/$1/console"
	return 1
}

# node_enter NAME COMMAND...: replaces the calling shell by the command in the node
node_enter()
{
	local pid name=$1
	shift
	read -r pid 2>/dev/null <"$BED_LAB/node/$name/pid" || bed_fail "$name is not running"
	echo 0 >"$BED_CG/node-$name/cgroup.procs"
	exec nsenter -t "$pid" -m -u -i -n -p -C -r -w -- env -i PATH="$BED_PATH" HOME=/root \
		LANG=C.UTF-8 TERM="${TERM-dumb}" VZHA_SOURCE_DIR="$VZHA_SOURCE_DIR" "$@"
}

# node_run NAME COMMAND...: run it in the node, as root, with a clean environment, in /
node_run()
{
	(node_enter "$@")
}

# node_sh NAME 'SCRIPT' [ARGUMENT...]: the same for a line of bash
node_sh()
{
	local name=$1 script=$2
	shift 2
	node_run "$name" bash -c "$script" bash "$@"
}

# node_kill NAME: power cut. Returns when no process of the node is left; its disk stays.
node_kill()
{
	local pid dir=$BED_LAB/node/$1
	read -r pid 2>/dev/null <"$dir/pid" || return 0
	kill -KILL "$pid" 2>/dev/null
	bed_wait 10 node_dead "$pid" || return 1
	rm -f "$dir/pid" "$dir/up" "$dir/go"
	bed_wait 10 bed_cgroup_remove "$BED_CG/node-$1"
}

node_dead()
{
	! kill -0 "$1" 2>/dev/null
}

# node_cable NAME cut|join [eth0|eth1]: without a third word, both cables
node_cable()
{
	local i state
	case $2 in
	cut) state=down ;;
	join) state=up ;;
	*) bed_fail "node_cable: cut or join, not $2" ;;
	esac
	for i in 0 1; do
		[[ ${3-eth$i} != "eth$i" ]] || ip link set "$1-$i" "$state"
	done
}
