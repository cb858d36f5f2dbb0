#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shellcheck disable=SC2016 # for the nodes' shells
# The power is cut in the middle of a seed on DRBD, and once more right after one: whichever node comes
# next, nothing is lost and nothing is in two halves.

# shellcheck source-path=SCRIPTDIR source=../bed/vm/bed.sh
. "$(dirname "$0")/../bed/vm/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/vm/article.sh
. "$(dirname "$0")/../bed/vm/article.sh"
vm_enter "$@"

failures=0

check()
{
	local what=$1

	shift
	if "$@" >"$VM_LAB/last.txt" 2>&1; then
		echo "ok: $what"
	else
		echo "not ok: $what"
		tail -n 20 "$VM_LAB/last.txt" | sed 's/^/    /'
		failures=$((failures + 1))
	fi
}

# ra N CODE ACTION [TEXT]: the agent on node N
ra()
{
	local out rc

	out=$(vm_run "$1" env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_seed=copy \
		OCF_RESKEY_paths="/srv/a /srv/b" OCF_RESKEY_quorum=ignore OCF_RESKEY_device=/dev/drbd0 \
		OCF_RESKEY_CRM_meta_timeout=120000 /usr/lib/ocf/resource.d/vzha/vzroot-relocation "$3" 2>&1)
	rc=$?
	echo "$out"
	[[ $rc == "$2" && $out == *"${4-}"* ]]
}

# print N DIRECTORY: names, modes, owners, times, content
print()
{
	vm_sh "$1" "cd $2 && find . -printf '%p %y %m %U:%G %T@ %n\n' | sed '/ d /s/ [0-9]*\$//' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum"
}

primary()
{
	vm_sh "$1" 'mkdir -p /d0 && drbdadm primary r0 && mount /dev/drbd0 /d0'
}

is_original() { [[ $(print "$1" "$2") == "$original" ]]; }

article_prepare
vm_up
vm_power_on 1
vm_power_on 2
vm_wait 1
vm_wait 2
for n in 1 2; do
	vm_sh $n 'modprobe drbd && drbdadm create-md --force r0 && drbdadm up r0' >/dev/null 2>&1
done
bed_wait 120 article_connected >/dev/null 2>&1 || bed_fail "DRBD does not connect"
vm_sh 1 'drbdadm -- --clear-bitmap new-current-uuid r0 && drbdadm primary r0 &&
	mkfs.ext4 -qF /dev/drbd0 && drbdadm secondary r0' >/dev/null 2>&1
check "Primary on node1" primary 1
vm_sh 1 'mkdir -p /srv/a /srv/b && cd /srv/a && for i in $(seq 1500); do
	mkdir -p $((i / 50)) && echo "content $i" >$((i / 50))/$i; done
	ln 1/50 hard && cp -a . ../b && chown 3:4 1/51 && chown 3:4 ../b/1/51
	touch -r . ../b && sync' >/dev/null
original=$(print 1 /srv/a)
[[ $(wc -l <<<"$original") -gt 3000 && $(print 1 /srv/b) == "$original" ]] || bed_fail "no trees"
vm_sh 2 'mkdir -p /srv/b && echo another >/srv/b/file && sync'

# In the background, until the copy is well on its way in the second tree.
ra 1 0 start >/dev/null 2>&1 &
under_way() { vm_sh 1 'test -e /d0/vz/.vzha-seed/srv-b.tree/5'; }
check "the seed is under way" bed_wait 60 under_way
vm_power_off 1
kill $! 2>/dev/null
check "node2 becomes Primary" bed_wait 60 primary 2
check "node2 refuses: node1 has begun" ra 2 1 start "has begun to seed"
check "node2's stop" ra 2 0 stop
[[ $(vm_sh 2 'cat /srv/b/file') == another ]]
check "node2's own content is in its place" test $? = 0
check "nothing is in its place by halves" vm_sh 2 'test ! -e /d0/vz/srv/a && test ! -e /d0/vz/srv/b'
vm_sh 2 'umount /d0 && drbdadm secondary r0'
vm_power_on 1
vm_wait 1
vm_sh 1 'modprobe drbd && drbdadm up r0' >/dev/null 2>&1
bed_wait 60 article_connected >/dev/null 2>&1
check "node1 is Primary again" bed_wait 60 primary 1
check "node1's stop after the boot" ra 1 0 stop
check "the original of a is whole" is_original 1 /srv/a
check "the original of b is whole" is_original 1 /srv/b
check "node1 seeds from the beginning" ra 1 0 start
vm_power_off 1

check "power cut right after: node2 becomes Primary" bed_wait 60 primary 2
check "node2 starts" ra 2 0 start
check "a is whole on node2" is_original 2 /srv/a/
check "b is whole on node2" is_original 2 /srv/b/
[[ $(vm_sh 2 'cat /srv/.b.vzha-local/file') == another ]]
check "node2's own content is kept" test $? = 0

# The kernel itself writes to a swap file.
vm_sh 2 'mkdir -p /srv/d && head -c 2M /dev/zero >/srv/d/swap && chmod 600 /srv/d/swap && mkswap /srv/d/swap &&
	swapon /srv/d/swap' >"$VM_LAB/swap.txt" 2>&1
check "a swap file is on" test $? = 0
swap_ra()
{
	local out

	out=$(vm_run 2 env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_seed=copy OCF_RESKEY_paths=/srv/d \
		OCF_RESKEY_quorum=ignore OCF_RESKEY_CRM_meta_timeout=60000 \
		/usr/lib/ocf/resource.d/vzha/vzroot-relocation start 2>&1)
	echo "$out"
	[[ $out == *"swap on /srv/d/swap"* ]]
}
check "a tree with a swap file is in use" swap_ra
check "and stays as it is" vm_sh 2 'test -f /srv/d/swap && test ! -L /srv/d && swapoff /srv/d/swap'

# The clock, wrong by hours and then set right, in the middle of a seed: what was written since looks old.
check "node2's stop after that" ra 2 0 stop
vm_sh 2 'mkdir -p /srv/c /d0/vz && for i in $(seq 400); do echo "content $i" >/srv/c/$i; done; sync; sleep 1'
clock_ra()
{
	vm_run 2 env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_seed=copy OCF_RESKEY_paths=/srv/c \
		OCF_RESKEY_quorum=ignore OCF_RESKEY_CRM_meta_timeout=120000 \
		/usr/lib/ocf/resource.d/vzha/vzroot-relocation start
}
vm_sh 2 'export OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_seed=copy OCF_RESKEY_paths=/srv/c
	OCF_RESKEY_quorum=ignore OCF_RESKEY_CRM_meta_timeout=120000; export OCF_RESKEY_quorum OCF_RESKEY_CRM_meta_timeout
	/usr/lib/ocf/resource.d/vzha/vzroot-relocation start >/root/clock.txt 2>&1 & pid=$!
	while ! test -e /d0/vz/.vzha-seed/srv-c.tree/200; do sleep 0.02; done
	kill -KILL $pid; ls /d0/vz/.vzha-seed/srv-c.tree | wc -l
	/usr/lib/ocf/resource.d/vzha/vzroot-relocation stop
	date -s "-2 hours" >/dev/null
	for i in $(ls /d0/vz/.vzha-seed/srv-c.tree); do echo "CONTENT $i" >/srv/c/$i; done; sleep 1' >"$VM_LAB/clock.txt"
check "it was interrupted" grep -E "^[1-9]" "$VM_LAB/clock.txt"
check "a seed goes on after the clock was set back" clock_ra
check "and has what was written meanwhile" \
	vm_sh 2 'grep -q CONTENT /d0/vz/srv/c/* && diff -r /srv/.c.vzha-local /d0/vz/srv/c'
echo "$failures failed"
((failures == 0))
