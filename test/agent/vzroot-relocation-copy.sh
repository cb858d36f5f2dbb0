#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-copy.sh [CASE...]: seeding is exact, on ext4, whatever a container's root can hold.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

# Local and shared on ext4 images: tmpfs knows neither trusted xattrs everywhere nor flags.
on_ext4()
{
	local name

	umount /d0
	for name in d0 srv; do
		truncate -s "${1:-256M}" /lab/$name.img
		mkfs.ext4 -qF -m 0 ${2:+-N "$2"} /lab/$name.img || fail "no mkfs.ext4"
		mount -o loop,acl,user_xattr /lab/$name.img /$name || fail "no loop mount"
	done
}

# A copy of P that was begun and interrupted, for us to fill.
half_copied()
{
	mkdir /d0/vz/.vzha-seed/srv-vz.tree
	stat -c '%d %i' $P >/d0/vz/.vzha-seed/srv-vz.top
}

same()
{
	diff <(tree "$1") <(tree "$2") || fail "$1 and $2 differ"
}

case_everything()
{
	local long

	on_ext4
	mkdir -p $P/private/101/dev $P/a $P/b
	cd $P || fail
	mknod private/101/dev/null c 1 3
	mknod private/101/dev/sda b 8 0
	mkfifo private/101/fifo
	cp /bin/true private/101/suid
	chown 12:34 private/101/suid
	chmod 6755 private/101/suid
	cp /bin/true private/101/cap
	setcap cap_net_raw+ep private/101/cap || fail "no setcap"
	setfattr -n user.text -v value private/101/cap
	setfattr -n trusted.hidden -v secret private/101
	head -c 60000 /dev/zero | tr '\0' x >value
	setfacl -m u:5:r -m d:g:6:rx private
	ln private/101/cap a/hard
	ln private/101/cap b/hard
	ln -s nowhere a/link
	ln a/link b/link-hard
	touch -h -d '1999-01-01 00:00:00.123456789' a/link
	setfattr -h -n trusted.onlink -v 1 a/link
	long=$(printf 'x%.0s' {1..255})
	echo long >"$long"
	echo odd >$'new\nline and \\ and \xff'
	: >'-rf *'
	truncate -s 64M a/sparse
	echo middle | dd of=a/sparse bs=1M seek=30 conv=notrunc status=none
	truncate -s 1G a/all-hole
	head -c 3000000 /dev/urandom >b/big
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("b/socket")' 2>/dev/null ||
		fail "no socket"
	(
		cd b || exit 1
		for _ in {1..60}; do
			mkdir "$long" && cd "$long" || exit 1
		done
		echo deep >file
	) || fail "no deep tree"
	chmod 000 a/sparse
	chmod 1777 b
	mkdir locked && echo x >locked/file && chmod 500 locked
	chattr +i value b/big locked/file || fail chattr
	ln private/101/suid b/suid2
	chattr +a private/101/suid
	chattr +i locked
	touch -d '2001-02-03 04:05:06.700000001' b a .
	cd /
	before=$(tree $P)
	[[ $(wc -l <<<"$before") -gt 80 ]] || fail "the tree is not what was meant"
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || diff <(echo "$before") <(tree $S) || fail "not exact"
	[[ $(tree $A.vzha-local) == "$before" ]] || fail "the original changed"
	[[ $(du -s $S/a/all-hole | cut -f1) == 0 ]] || fail "the hole was filled"
	ra 0 restore
	[[ $(tree $P) == "$before" ]] || diff <(echo "$before") <(tree $P) || fail "not restored"
	chattr -R -f -i -a /srv /d0
}

# What the shared tree gives to all that is made in it is not the originals'.
case_inherits_nothing()
{
	local p

	on_ext4
	mkdir /d0/vz && chattr +AdSD /d0/vz && setfacl -d -m u:7:rwx,g:8:rx /d0/vz && chmod 2755 /d0/vz
	mkdir -p $P/dir/sub && echo x >$P/dir/file && ln -s x $P/dir/link && mkfifo $P/dir/fifo
	head -c 3000000 /dev/zero >$P/dir/big
	echo y >$P.conf
	before=$(tree $P)
	for p in $P $P.conf; do lsattr -d $p; done | cut -d' ' -f1 >/tmp/flags
	ra 0 start seed=copy "paths=$P $P.conf"
	[[ $(tree $S) == "$before" ]] || diff <(echo "$before") <(tree $S) || fail "not exact"
	[[ $(tree $S.conf) == "$(tree $A.conf.vzha-local)" ]] || fail "not exact"
	for p in $S $S.conf; do lsattr -d $p; done | cut -d' ' -f1 | diff /tmp/flags - || fail "flags"
	must_not grep -q 'user:7' <<<"$(getfacl -nR $S $S.conf 2>/dev/null)"
}

# As people make a mount point, so that nobody writes there by mistake.
case_immutable_and_empty()
{
	on_ext4
	mkdir $P && chattr +i $P
	ra 1 start
	says "$P: cannot be replaced: is it immutable"
	[[ -d $P && ! -e $S ]] || fail "changed"
	chattr -i $P
	ra 0 start
	[[ -L $P && -d $S && $(ls -A "${S%/*}") == vz ]] || fail "not made"
}

case_no_space()
{
	on_ext4 20M
	mkdir $P
	head -c 12000000 /dev/urandom >$P/big
	head -c 12000000 /dev/urandom >/d0/other
	before=$(tree $P)
	ra 1 start seed=copy
	says "are free"
	[[ $(tree $P) == "$before" ]] || fail "changed"
}

case_no_inodes()
{
	on_ext4 20M 64
	umount /srv
	mkdir -p $P
	for i in {1..100}; do echo "$i" >$P/$i; done
	ra 1 start seed=copy
	says "inodes are"
}

case_deadline_resumes()
{
	local i before runs=0

	mkdir $P
	for i in {1..60}; do head -c 4000000 /dev/zero | tr '\0' "x" >$P/$i; done
	before=$(tree $P)
	for i in {1..60}; do
		runs=$((runs + 1))
		env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
			OCF_RESKEY_CRM_meta_timeout=$((150 + 60 * i)) "$agent" start >"$out" 2>&1 && break
		must test -d $P
		must_not test -L $P
		[[ $(tree $P) == "$before" ]] || fail "an interrupted seed changed the original"
		must_not test -e $S
	done
	ra 0 start seed=copy
	echo "seeded in $runs starts"
	must_not grep -qs . /d0/vz/.vzha-seed/begun
	[[ $(tree $S) == "$before" ]] || fail "not exact after $runs starts"
}

# For who waits: in the log for a start, on the terminal for a seed by hand.
case_progress()
{
	full
	echo more >$P/more
	rm -f /tmp/ra.log
	runner=(strace -f -o /dev/null -e trace=pwrite64 -e "inject=pwrite64:delay_enter=3s")
	HA_LOGFILE=/tmp/ra.log ra 0 start seed=copy
	must grep -q "seeding /d0/vz: 3 of 3 entries, 0 of 0 MiB" /tmp/ra.log
	rm /tmp/ra.log
	clean_slate
	full
	script -qec "env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P ${runner[*]} $agent seed" \
		/dev/null >"$out" </dev/null || fail "$(<"$out")"
	runner=()
	must grep -q $'\r/d0/vz: 2 of 2 entries, 0 of 0 MiB' "$out"
}

# However often: the copy of one large file goes on where the time was over.
case_large_file_is_interrupted()
{
	local part=/d0/vz/.vzha-seed/srv-vz.tree/big times=0

	mkdir $P
	head -c 1000000000 /dev/zero | tr '\0' "x" >$P/big
	sleep 1.1 # what was written in the second of the beginning is copied again
	while ((times < 20)) && ! [[ -s $part ]]; do
		times=$((times + 1))
		env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
			OCF_RESKEY_CRM_meta_timeout=$((100 + 20 * times)) "$agent" start >"$out" 2>&1
	done
	must test -s $part
	must_not test -L $P
	runner=(strace -f -o /tmp/resume.trace -e "trace=pwrite64,copy_file_range")
	ra 0 start seed=copy
	runner=()
	must cmp $A.vzha-local/big $S/big
	must_not grep -E 'pwrite64.*, 0\)|copy_file_range\([0-9]+, \[0\]' /tmp/resume.trace
}

# Killed before anything was known to be on disk, and then the disk lost some of it, with sizes and times intact.
case_unsynced_copies_are_made_anew()
{
	local before copies pid file

	mkdir $P
	for i in {1..60}; do head -c 4000000 /dev/zero | tr '\0' "x" >$P/$i; done
	before=$(tree $P)
	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
		OCF_RESKEY_CRM_meta_timeout=60000 "$agent" start >"$out" 2>&1 &
	pid=$!
	until copies=(/d0/vz/.vzha-seed/*.tree/*) && ((${#copies[@]} > 20)); do sleep 0.01; done
	kill -KILL $pid
	wait $pid
	must_not test -L $P
	file=$(find "${copies[@]}" -size 4000000c | head -n 1)
	[[ -n $file ]] || fail "none is copied yet"
	touch -r "$file" /lab/times
	head -c 1000000 /dev/zero | dd of="$file" conv=notrunc status=none
	touch -r /lab/times "$file"
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "a copy that the disk lost was kept"
}

# Two directories change places after the first of them was copied: sizes and times say nothing.
case_swapped_meanwhile()
{
	local before

	mkdir -p $P/one $P/two
	echo first >$P/one/file
	echo other >$P/two/file
	touch -d 2001-01-01 $P/one/file $P/two/file
	ln -s ../../nowhere $P/zz
	ra 1 start seed=copy
	half_copied
	cp -a $P/one $P/two /d0/vz/.vzha-seed/srv-vz.tree
	mv $P/one $P/x && mv $P/two $P/one && mv $P/x $P/two
	before=$(tree $P)
	ra 0 seed
	[[ $(tree $S) == "$before" ]] || fail "not exact: $(cat $S/one/file)"
}

# One file that takes longer than a start: it is gone on with where it was left.
case_large_file_resumes()
{
	local before

	mkdir $P
	ln -s ../../nowhere $P/zz
	head -c 20000000 /dev/urandom >$P/big
	truncate -s 40M $P/big
	before=$(tree $P)
	sleep 1.1 # what was written in the second of the beginning is copied again
	ra 1 start seed=copy
	half_copied
	head -c 11000001 $P/big >/d0/vz/.vzha-seed/srv-vz.tree/big
	setfattr -n trusted.vzha.half -v "$(stat -c '%d %i %.9Z' $P/big)" /d0/vz/.vzha-seed/srv-vz.tree/big
	sleep 0.1
	touch /d0/vz/.vzha-seed/synced
	runner=(strace -f -o /tmp/resume.trace -e "trace=pwrite64,copy_file_range")
	ra 0 seed
	runner=()
	[[ $(tree $S) == "$before" ]] || fail "not exact"
	must_not grep -E 'pwrite64.*, 0\)|copy_file_range\([0-9]+, \[0\]' /tmp/resume.trace
	must grep -q pwrite64 /tmp/resume.trace
}

# The local disk is rolled back to a snapshot in between: same names, and change times of long ago.
case_rolled_back_meanwhile()
{
	local before

	mkdir $P
	ln -s ../../nowhere $P/zz
	head -c 3000000 /dev/zero | tr '\0' "O" >$P/big
	echo "the old content" >$P/conf
	sleep 1.1 # what was written in the second of the beginning is copied again
	ra 1 start seed=copy
	half_copied
	head -c 2000000 /dev/zero | tr '\0' "N" >/d0/vz/.vzha-seed/srv-vz.tree/big
	echo new >/d0/vz/.vzha-seed/srv-vz.tree/conf
	setfattr -n trusted.vzha.half -v "$(stat -c '%d %i' $P/big) 1.0" /d0/vz/.vzha-seed/srv-vz.tree/big
	sleep 0.1 # the mark is later than what it speaks for
	touch /d0/vz/.vzha-seed/synced
	before=$(tree $P)
	ra 0 seed
	[[ $(tree $S) == "$before" ]] || fail "not exact: $(head -c 20 $S/big) $(cat $S/conf)"
}

case_links_out()
{
	mkdir -p $P/x
	ln -s ../../../lib/foo $P/x/out
	ln -s ../x $P/x/in
	ra 1 start seed=copy
	says "lead out of the tree"
	must test -f /d0/vz/.vzha-seed/begun
	ra 0 seed
	ra 0 start
	[[ $(readlink $S/x/out) == ../../../lib/foo ]] || fail "link"
}

# A name outside stays with the original: refused, but by hand; what is linked within all paths is none.
case_hard_links_out()
{
	mkdir -p $P/x /srv/vz2
	echo one >$P/x/file && ln $P/x/file /srv/vz2/again && ln $P/x/file $P/third
	echo two >$P/two && ln $P/two /srv/outside
	ra 1 start seed=copy "paths=$P /srv/vz2"
	says "$P: 1 files have other names (hard links) outside"
	says "two"
	must_not test -L $P
	ra 1 start seed=copy
	says "2 files"
	ra 0 seed "paths=$P /srv/vz2"
	[[ $(stat -c %h $S/x/file) == 3 && $(stat -c %h $S/two) == 1 ]] || fail "not as it was"
	ra 0 start "paths=$P /srv/vz2"
}

# Made while it is copied, by somebody who makes a backup that way.
case_hard_link_out_meanwhile()
{
	full
	at syncfs ln $P/file /srv/outside
	ra 1 start seed=copy
	says "1 files have other names (hard links) outside"
	[[ ! -L $P && $(<$P/file) == mine && ! -e $S ]] || fail "not as before"
	rm /srv/outside
	ra 0 start seed=copy
}

# A container's root that changes under the copy: the copy must never leave it.
case_hostile()
{
	local pid i

	echo secret >/srv/secret
	mkdir -p /srv/outside && echo secret >/srv/outside/secret
	mkdir -p $P/tree
	for i in {1..300}; do mkdir $P/tree/$i && echo "$i" >$P/tree/$i/file; done
	(
		exec 9>&-
		while :; do
			for i in 7 99 200; do
				mv $P/tree/$i $P/tree/x && ln -s /srv/outside $P/tree/$i
				rm $P/tree/$i && mv $P/tree/x $P/tree/$i
				rm -f $P/tree/$i/file && ln -s /srv/secret $P/tree/$i/file
				rm -f $P/tree/$i/file && echo "$i" >$P/tree/$i/file
			done
		done
	) 2>/dev/null &
	pid=$!
	for i in {1..5}; do
		env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
			OCF_RESKEY_CRM_meta_timeout=20000 "$agent" start >"$out" 2>&1
		must_not grep -rqs secret /d0/vz
	done
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	[[ $(cat $P/tree/1/file $P/tree/300/file $A.vzha-local/tree/1/file 2>/dev/null) == *1* ]] ||
		fail "lost"
}

cases "$@"
