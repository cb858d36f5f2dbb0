# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015 # a && b || fail is meant
#
# promotable-lib.sh - DRBD as a promotable clone under Pacemaker on two virtual nodes, with a file
# system on it and a writer that can prove afterwards what was lost
#
#	vm_enter "$@"
#	pm_prepare [fencing]
#	pm_boot			# with metadata and file systems; DRBD is down again then
#	pm_cluster pm_config	# Pacemaker forms, fencing and the clone are configured
#	pm_runs_on N 60		# the data is served by node N
#	pm_nothing_lost N	# every record that was acknowledged is in the log on node N
#
# Each record of the writer's log has the number after the one before it. It is acknowledged to the
# lab, over the console's network, when fsync has returned: from then on it must never be missing.

# shellcheck source-path=SCRIPTDIR source=../bed/vm/article.sh
. "$(dirname "${BASH_SOURCE[0]}")/../bed/vm/article.sh"

failures=0
PM_NET=10.77.0 # DRBD's network: the cluster's ring, or one of its own
AGENT_UNDER_TEST=${AGENT_UNDER_TEST-ocf:vzha:drbddisk}

# ok WHAT [command...]: the command's success, or that of the last one, is one result
ok()
{
	local status=$? what=$1

	shift
	if (($#)); then
		"$@" >"$VM_LAB/last.txt" 2>&1
		status=$?
	fi
	if ((status == 0)); then
		echo "ok: $what"
	else
		echo "not ok: $what"
		(($#)) && tail -n 40 "$VM_LAB/last.txt" | sed 's/^/    /'
		failures=$((failures + 1))
	fi
}

# pm_resource NAME MINOR DISK PORT [SECTIONS]: as in /etc/drbd.d
pm_resource()
{
	cat <<-END
	resource "$1" {
		net { protocol C; ping-timeout 20; ping-int 3; }
		${5-}
		device /dev/drbd$2;
		disk $3;
		meta-disk internal;
		on node1 { address $PM_NET.1:$4; }
		on node2 { address $PM_NET.2:$4; }
	}
	END
}

# shellcheck disable=SC2120 # the fencing is optional
pm_prepare()
{
	local tree fencing=

	article_prepare
	tree=$(mktemp -d "$VM_CACHE/tree.XXXXXX") || return 1
	mkdir -p "$tree"/etc/drbd.d "$tree"/usr/lib/ocf/resource.d/lab "$tree"/d1
	[[ ${1-} != fencing ]] || fencing='disk { fencing resource-and-stonith; c-plan-ahead 0; resync-rate 33M; }
		handlers {
			fence-peer "/usr/lib/drbd/crm-fence-peer.sh";
			after-resync-target "/usr/lib/drbd/crm-unfence-peer.sh";
		}'
	pm_resource r0 0 /dev/vdb 7788 "$fencing" >"$tree/etc/drbd.d/r0.res"
	pm_resource mail-data_1.x 11 /dev/loop5 7799 >"$tree/etc/drbd.d/mail.res"
	install -m 755 "$(dirname "${BASH_SOURCE[0]}")/promotable-writer" \
		"$tree/usr/lib/ocf/resource.d/lab/writer"
	vm_put_tree "$tree"
}

pm_listen()
{
	: >"$VM_LAB/acks"
	setsid socat -u TCP-LISTEN:9000,bind=10.79.0.254,fork,reuseaddr \
		"OPEN:$VM_LAB/acks,wronly,append" >"$VM_LAB/listen.txt" 2>&1 </dev/null &
	disown
}

# pm_boot: everything up to DRBD, which is down again then
pm_boot()
{
	vm_up
	vm_switch_up
	pm_listen
	vm_power_on 1
	vm_power_on 2
	vm_wait 1
	vm_wait 2
	pm_drbd
}

pm_drbd()
{
	local n

	for n in 1 2; do
		pm_network "$n"
		vm_sh "$n" "truncate -s 48M /var/mail.img && losetup /dev/loop5 /var/mail.img &&
			modprobe drbd && drbdadm create-md --force r0 && drbdadm create-md --force mail-data_1.x &&
			drbdadm up all" >"$VM_LAB/drbd$n.txt" || {
			cat "$VM_LAB/drbd$n.txt" >&2
			bed_fail "no DRBD on node$n"
		}
	done
	bed_wait 30 pm_connected 1 || bed_fail "DRBD does not connect"
	# shellcheck disable=SC2016 # for the node's shell
	vm_sh 1 'set -e
		for r in r0:0 mail-data_1.x:11; do
			drbdadm -- --clear-bitmap new-current-uuid ${r%:*}
			drbdadm primary ${r%:*}
			mkfs.ext4 -q /dev/drbd${r#*:} >/dev/null 2>&1
			drbdadm secondary ${r%:*}
		done' >"$VM_LAB/drbd1.txt" || {
		cat "$VM_LAB/drbd1.txt" >&2
		bed_fail "no file systems"
	}
	vm_sh 1 'drbdadm down all' && vm_sh 2 'drbdadm down all' || bed_fail "DRBD does not go down"
}

# On a network of its own DRBD uses the nodes' second card.
pm_network()
{
	[[ $PM_NET == 10.77.0 ]] || vm_run "$1" ip addr replace "$PM_NET.$1/24" dev eth1
}

# pm_node_starts N: what the machine's boot would start
pm_node_starts()
{
	pm_network "$1"
	vm_sh "$1" 'losetup /dev/loop5 >/dev/null 2>&1 || losetup /dev/loop5 /var/mail.img'
	article_node_starts "$1"
}

# Both resources, from node N's kernel.
pm_connected()
{
	[[ $(vm_sh "$1" 'cat /proc/drbd' | tee /dev/stderr | grep -c 'cs:Connected') == 2 ]]
}

# pm_clone NAME RESOURCE
pm_clone()
{
	cat <<-END
	primitive $1 $AGENT_UNDER_TEST params drbd_resource=$2 \\
		op start timeout=120s interval=0 op stop timeout=60s interval=0 \\
		op promote timeout=120s interval=0 op demote timeout=60s interval=0 \\
		op notify timeout=60s interval=0 \\
		op monitor interval=5s role=Master timeout=40s \\
		op monitor interval=6s role=Slave timeout=40s
	ms $1-clone $1 meta promotable=true promoted-max=1 promoted-node-max=1 clone-max=2 \\
		clone-node-max=1 notify=true interleave=true
	END
}

pm_config()
{
	article_fencing
	pm_clone drbd r0
	cat <<-END
	primitive disk ocf:heartbeat:Filesystem \\
		params device=/dev/drbd0 directory=/d0 fstype=ext4 \\
		op start timeout=60s interval=0 op stop timeout=60s interval=0 \\
		op monitor interval=20s timeout=40s
	primitive writer ocf:lab:writer params log=/d0/log \\
		op start timeout=60s interval=0 op stop timeout=60s interval=0
	group data disk writer
	colocation data-with-drbd inf: data drbd-clone:Master
	order drbd-then-data Mandatory: drbd-clone:promote data:start
	location begin-on-node1 drbd-clone rule \$role=Master 50: #uname eq node1
	rsc_defaults resource-stickiness=200 failure-timeout=30s
	END
}

pm_configure()
{
	vm_put 1 /root/more.crm && vm_sh 1 'crm -F configure load update /root/more.crm'
}

# pm_cluster FUNCTION: it prints the configuration
pm_cluster()
{
	pm_node_starts 1
	pm_node_starts 2
	bed_wait 120 article_online 1 || bed_fail "no cluster of two nodes"
	"$1" | pm_configure >"$VM_LAB/crm.txt" 2>&1 || {
		cat "$VM_LAB/crm.txt" >&2
		bed_fail "crm refuses the configuration"
	}
}

pm_status()
{
	vm_run "$1" crm_mon -1rf 2>&1
}

pm_runs_now()
{
	local seen

	seen=$(pm_status "$1")
	echo "$seen"
	grep -Eq "^ *\* writer[[:space:]].*Started node$1( |\$)" <<<"$seen"
}

pm_runs_on()
{
	bed_wait "$2" pm_runs_now "$1"
}

# The kernel's word on node N: "Primary UpToDate", "Secondary Inconsistent", "-" when down
pm_role()
{
	vm_sh "$1" "sed -n 's/^ *${2-0}: cs:\([^ ]*\) ro:\([^/]*\).* ds:\([^/]*\).*/\2 \3 \1/p' /proc/drbd"
}

pm_is()
{
	local seen

	seen=$(pm_role "$1")
	echo "$seen"
	# shellcheck disable=SC2053 # a pattern
	[[ $seen == $2 ]]
}

pm_acked()
{
	wc -l <"$VM_LAB/acks"
}

# pm_acks_grow: the writer makes progress
pm_acks_grow()
{
	local before

	before=$(pm_acked)
	bed_wait "${1-30}" pm_more_than "$before"
}

pm_more_than()
{
	(($(pm_acked) > $1 + 3))
}

# pm_nothing_lost N: on the node that serves the data
pm_nothing_lost()
{
	local acked missing

	acked=$(pm_acked)
	((acked > 0)) || {
		echo "nothing was acknowledged at all"
		return 1
	}
	# What is acknowledged while we look may be behind what we read: take the acknowledged first.
	head -n "$acked" "$VM_LAB/acks" | sort >"$VM_LAB/acks.sorted"
	vm_sh "$1" 'mountpoint -q /d0' || {
		echo "the data is not mounted on node$1"
		return 1
	}
	vm_sh "$1" 'cat /d0/log' | sort >"$VM_LAB/log.sorted"
	missing=$(comm -23 "$VM_LAB/acks.sorted" "$VM_LAB/log.sorted" | wc -l)
	echo "$acked acknowledged, $(wc -l <"$VM_LAB/log.sorted") in the log, $missing missing"
	comm -23 "$VM_LAB/acks.sorted" "$VM_LAB/log.sorted" | tail -n 5
	((missing == 0)) || return 1
	# And none twice, none left out.
	vm_sh "$1" "awk '\$1 != NR { print \"line \" NR \" is \" \$0; bad = 1; exit } END { exit bad }' /d0/log"
}

# pm_watch_roles: in the background, who is Primary; pm_never_two says what was seen
pm_watch_roles()
{
	: >"$VM_LAB/roles"
	(
		while :; do
			echo "$(date +%s) $(VM_TIMEOUT=5 pm_role 1 | cut -d' ' -f1) $(VM_TIMEOUT=5 pm_role 2 | cut -d' ' -f1)"
			sleep 0.5
		done >>"$VM_LAB/roles" 2>/dev/null
	) &
	PM_WATCHER=$!
}

pm_never_two()
{
	kill "$PM_WATCHER" 2>/dev/null
	wait "$PM_WATCHER" 2>/dev/null
	echo "$(wc -l <"$VM_LAB/roles") looks"
	[[ -s $VM_LAB/roles ]] && ! grep 'Primary Primary' "$VM_LAB/roles"
}

pm_finish()
{
	if ((failures)); then
		for n in 1 2; do
			vm_is_on $n || continue
			echo "--- node$n"
			VM_TIMEOUT=30 pm_status $n
			VM_TIMEOUT=20 vm_sh $n 'cat /proc/drbd; dmesg | tail -n 30
				grep -E "error|warning|exit-reason" /var/log/pacemaker/pacemaker.log | tail -n 30'
		done
	fi
	echo "$failures failed"
	exit $((failures > 0))
}
