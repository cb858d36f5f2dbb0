#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# drbddisk on DRBD's real kernel module: every state it has to tell apart, the two nodes' rivalry,
# a device that is held open where nobody sees it, and a peer whose power is cut.

# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/vm/article.sh
. "$(dirname "$0")/../bed/vm/article.sh"
vm_enter "$@"

# As Pacemaker tells the instances of a promotable clone; in use while CLONE is set.
CLONE_META=(OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_CRM_meta_clone_max=2
	OCF_RESKEY_CRM_meta_clone_node_max=1 OCF_RESKEY_CRM_meta_notify=true)
AGENT=/usr/lib/ocf/resource.d/vzha/drbddisk
failures=0

# agent N ACTION [VARIABLE=VALUE...]: sets rc and out (stdout, stderr together)
agent()
{
	local n=$1 action=$2

	shift 2
	[[ -z ${CLONE-} ]] || set -- "${CLONE_META[@]}" "$@"
	out=$(vm_run "$n" env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_drbd_resource=r0 \
		OCF_RESKEY_CRM_meta_timeout=20000 "$@" "$AGENT" "$action")
	rc=$?
}

monitor()
{
	agent "$1" monitor OCF_RESKEY_CRM_meta_interval=10000 OCF_RESKEY_crm_feature_set=3.16.1
}

# expect WHAT CODE [TEXT]: of the last agent call
expect()
{
	if [[ $rc != "$2" || ($# -gt 2 && $out != *"$3"*) ]]; then
		echo "not ok: $1: exit code $rc, expected $2 ${3-}"
		printf '    %s\n' "$out"
		failures=$((failures + 1))
	else
		echo "ok: $1"
	fi
}

# kernel_says N: for expect
kernel_says()
{
	out=$(vm_sh "$1" 'cat /proc/drbd')
	rc=$?
}

reasons()
{
	grep -c '^ocf-exit-reason:' <<<"$out"
}

article_prepare
vm_up
vm_power_on 1
vm_power_on 2
vm_wait 1
vm_wait 2

agent 1 monitor
expect "probe without the module: stopped" 7
agent 1 stop
expect "stop without the module" 0
agent 1 start
expect "start of a resource that is not up: refused, with the remedy" 1 "not up on this node"
[[ $(reasons) == 1 ]] || { echo "not ok: one line of reason" && failures=$((failures + 1)); }

for n in 1 2; do
	vm_sh $n 'modprobe drbd && drbdadm create-md --force r0 && drbdadm up r0' >/dev/null 2>&1
done
bed_wait 30 article_connected >/dev/null 2>&1 || bed_fail "DRBD does not connect"
agent 1 monitor
expect "probe of a Secondary: stopped" 7
agent 1 start
expect "start on Inconsistent data: refused at once, with the cause" 1 "Inconsistent"
agent 1 monitor
expect "still stopped after the refusal" 7

vm_sh 1 'drbdadm -- --clear-bitmap new-current-uuid r0' >/dev/null
agent 1 start
expect "start on good data" 0
agent 1 start
expect "start again" 0
agent 1 monitor
expect "probe of a Primary: running" 0
monitor 1
expect "monitor of a healthy Primary" 0
agent 1 monitor OCF_RESKEY_CRM_meta_interval=10000
forks()
{
	rc=$(vm_sh 1 "OCF_ROOT=/usr/lib/ocf OCF_RESKEY_drbd_resource=$1 OCF_RESKEY_CRM_meta_interval=10000 \
		strace -qf -e trace=clone,clone3,fork,vfork,execve -o /run/trace $AGENT monitor
		grep -cE '(clone|clone3|fork|vfork|execve)\(' /run/trace")
	out="system calls that make or replace a process: $rc"
}
forks r0
expect "monitor forks nothing" 1
# It is not in the kernel's list, and the kernel says by name that it knows none: no other proof is needed.
agent 1 monitor OCF_RESKEY_drbd_resource=other
expect "probe of what is not up, beside a Primary" 7
forks other
expect "and that forks nothing either" 1
agent 2 start OCF_RESKEY_CRM_meta_timeout=8000
expect "start while the peer is Primary: refused, named" 1 "peer is connected and Primary"
agent 2 monitor
expect "the loser is stopped" 7
monitor 1
expect "the winner still runs" 0
agent 1 validate-all OCF_CHECK_LEVEL=10
expect "validate-all of a configured resource" 0
agent 1 validate-all OCF_CHECK_LEVEL=10 OCF_RESKEY_drbd_resource=other
expect "validate-all of a resource that nobody configured" 5 "no such resource"

vm_sh 1 'mkfs.ext4 -q /dev/drbd0 && mount /dev/drbd0 /d0' >/dev/null 2>&1
vm_sh 1 'setsid unshare -m sleep 1000 >/dev/null 2>&1 </dev/null & sleep 1; umount /d0'
agent 1 stop OCF_RESKEY_CRM_meta_timeout=5000
expect "stop while another mount namespace holds it: failed, holder named" 1 "in the mount namespace of pid"
# shellcheck disable=SC2016 # for the node's shell
vm_sh 1 'kill $(pidof sleep)'
agent 1 stop
expect "stop after the holder is gone" 0
agent 1 stop
expect "stop again" 0
agent 2 start
expect "the other node takes it" 0
agent 2 stop
expect "and gives it back" 0

# What else can hold it. Each is on its own, so that each is what the reason must name.
agent 1 start
vm_sh 1 'setsid sleep 1001 </dev/drbd0 >/dev/null 2>&1 &'
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "stop while it is open: the process named" 1 "(sleep)"
# shellcheck disable=SC2016 # for the node's shell
vm_sh 1 'kill $(pidof sleep); losetup /dev/loop6 /dev/drbd0'
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "stop with a loop device on it: named" 1 "loop device loop6"
vm_sh 1 'mount /dev/loop6 /mnt'
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "and what is mounted from that" 1 "mount on /mnt"
vm_sh 1 'umount /mnt; losetup -d /dev/loop6; modprobe dm-mod; echo "0 16384 linear /dev/drbd0 0" |
	dmsetup --noudevsync create on_r0 && dmsetup mknodes' >/dev/null 2>&1
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "stop with a device-mapper device on it: named" 1 "on_r0"
vm_sh 1 'mount /dev/mapper/on_r0 /mnt || mkfs.ext4 -q /dev/mapper/on_r0 && mount /dev/mapper/on_r0 /mnt' >/dev/null 2>&1
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "and what is mounted from that device" 1 "mount on /mnt"
vm_sh 1 'umount /mnt; dmsetup --noudevsync remove on_r0; mkswap /dev/drbd0 && swapon /dev/drbd0' >/dev/null 2>&1
agent 1 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "stop while it is swapped to: named" 1 "swap on /dev/drbd0"
vm_sh 1 'swapoff /dev/drbd0'
agent 1 stop
expect "stop after all of them are gone" 0

# shellcheck source-path=SCRIPTDIR source=drbddisk-clone.sh
. "$(dirname "$0")/drbddisk-clone.sh"

agent 1 start
expect "node1 is Primary" 0
vm_power_off 1
agent 2 start
expect "after the peer's power cut the survivor becomes Primary" 0
monitor 2
expect "first monitor without a peer" 0
monitor 2
expect "second monitor without a peer: degraded" 190 "nothing is replicated"

# A promotion that the kernel still works on when its action has ended: stop must not believe the role it sees.
# shellcheck disable=SC2016 # for the node's shell
vm_sh 2 'printf "#!/bin/sh\nsleep 15\nexit 7\n" >/root/slow-fence && chmod 755 /root/slow-fence
	sed -i.plain "s|^[[:space:]]*device |disk { fencing resource-only; } handlers { fence-peer /root/slow-fence; }\n&|" \
		/etc/drbd.d/r0.res && drbdadm secondary r0 && drbdadm adjust r0' >"$VM_LAB/slow.txt" 2>&1
agent 2 start OCF_RESKEY_CRM_meta_timeout=4000
expect "start beside a slow fence-peer handler: given up" 1 "not been decided yet"
agent 2 monitor
expect "it is Secondary still" 7
agent 2 stop OCF_RESKEY_CRM_meta_timeout=3000
expect "stop cannot say that it is stopped for good" 1 "a promotion may still be under way"
agent 2 stop
expect "stop waits for the end of that promotion" 0
agent 2 monitor
expect "stopped" 7
sleep 10 # nothing announces that nothing comes
agent 2 monitor
expect "and it stays so" 7
agent 2 start OCF_RESKEY_CRM_meta_timeout=4000
agent 2 stop OCF_RESKEY_CRM_meta_timeout=4000
expect "a second promotion is not needed to be given up: the peer is known to be outdated" 0
vm_sh 2 'mv /etc/drbd.d/r0.res.plain /etc/drbd.d/r0.res && drbdadm adjust r0' >/dev/null 2>&1
agent 2 start
expect "without the handler it is Primary at once" 0

vm_sh 2 'drbdadm disconnect --force r0' >/dev/null 2>&1
monitor 2
monitor 2
expect "StandAlone: degraded, with the remedy" 190 "drbdadm connect"
vm_sh 2 'drbdadm secondary r0' >/dev/null 2>&1
agent 2 start
expect "StandAlone and not Primary: refused, nobody knows whose data is right" 1 "StandAlone"
# Down and up again hide that, but not from us.
CLONE=1
agent 2 promote
expect "clone: refused" 1 "drbdadm connect"
agent 2 stop
expect "clone: what is StandAlone is taken down" 0
agent 2 start
expect "clone: and brought up" 0
kernel_says 2
expect "clone: it waits for its peer" 0 "cs:WFConnection"
agent 2 promote
expect "clone: refused as before" 1 "rm its file"
monitor 2
monitor 2
expect "clone: a promotion that is not even tried is told by the monitor" 190 "rm its file"
CLONE=
agent 2 start
expect "and by a plain resource's start" 1 "rm its file"
vm_sh 2 'rm /run/vzha/standalone/r0'
agent 2 start
expect "people may decide otherwise" 0
# The side that was in use is not shut out by a restart in place.
vm_sh 2 'drbdadm disconnect --force r0' >/dev/null 2>&1
agent 2 stop
expect "stop of the side in use" 0
agent 2 start
expect "it is StandAlone still, and may be started again" 0
CLONE=1
agent 2 demote
expect "clone: demote of the side in use" 0
agent 2 stop
agent 2 start
agent 2 promote
expect "clone: restarted, it may be promoted again" 0
agent 2 demote
agent 2 notify OCF_RESKEY_CRM_meta_notify_type=post OCF_RESKEY_CRM_meta_notify_operation=promote \
	OCF_RESKEY_CRM_meta_notify_promote_uname=node1
CLONE=
vm_sh 2 'drbdadm disconnect --force r0' >/dev/null 2>&1
agent 2 start
expect "not after another node was promoted" 1 "StandAlone"
vm_sh 2 'rm /run/vzha/standalone/r0'
vm_sh 2 'drbdadm down r0' >/dev/null 2>&1
agent 2 monitor
expect "taken down: stopped" 7
agent 2 start OCF_RESKEY_bring_up=true
expect "bring_up=true brings it up and makes it Primary" 0

# Two volumes are promoted together or not at all.
cat <<-END | vm_put 2 /etc/drbd.d/two.res
	resource two {
		on node1 {
			address 10.77.0.1:7790;
			volume 0 { device /dev/drbd20; disk /dev/loop1; meta-disk internal; }
			volume 1 { device /dev/drbd21; disk /dev/loop2; meta-disk internal; }
		}
		on node2 {
			address 10.77.0.2:7790;
			volume 0 { device /dev/drbd20; disk /dev/loop1; meta-disk internal; }
			volume 1 { device /dev/drbd21; disk /dev/loop2; meta-disk internal; }
		}
	}
END
# shellcheck disable=SC2016 # for the node's shell
vm_sh 2 'for i in 1 2; do truncate -s 16M /var/two$i; losetup /dev/loop$i /var/two$i; done
	drbdadm create-md --force two && drbdadm up two && drbdsetup new-current-uuid 20 --clear-bitmap' >/dev/null 2>&1
vm_sh 2 'drbdsetup primary 20 --force && drbdsetup secondary 20' >/dev/null 2>&1
agent 2 start OCF_RESKEY_drbd_resource=two
expect "one volume of two without good data: refused" 1 "Inconsistent"
out=$(vm_sh 2 'grep -E "^2[01]:" /proc/drbd')
rc=$(grep -c "ro:Secondary" <<<"$out")
expect "none of them is Primary then" 2
vm_sh 2 'drbdsetup primary 21 --force' >/dev/null 2>&1
agent 2 start OCF_RESKEY_drbd_resource=two
expect "one Primary already, as after a kill: start completes it" 0
out=$(vm_sh 2 'grep -E "^2[01]:" /proc/drbd')
rc=$(grep -c "ro:Primary" <<<"$out")
expect "both are Primary" 2
agent 2 stop OCF_RESKEY_drbd_resource=two
expect "stop of both" 0
out=$(vm_sh 2 'grep -E "^2[01]:" /proc/drbd')
rc=$(grep -c "ro:Secondary" <<<"$out")
expect "both are Secondary" 2

# A file in DRBD 9's form, which the tools refuse for DRBD 8.4: with it they can read no configuration at all.
cat <<-END | vm_put 2 /etc/drbd.d/mesh.res
	resource mesh {
		device /dev/drbd30;
		disk /dev/loop1;
		meta-disk internal;
		on node1 { node-id 0; address 10.77.0.1:7795; }
		on node2 { node-id 1; address 10.77.0.2:7795; }
		connection-mesh { hosts node1 node2; }
	}
END
agent 2 start OCF_RESKEY_drbd_resource=mesh OCF_RESKEY_bring_up=true
expect "connection-mesh on DRBD 8.4: refused in drbdadm's own words" 1 "drbdadm up failed"
agent 2 start
expect "start of what is up does not need the configuration" 0
agent 2 stop
expect "nor does stop" 0
exit $((failures > 0))
