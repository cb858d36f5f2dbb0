#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-restore.sh [CASE...]: a node gets its directories back.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

die() { kill -KILL "$(pidof vzroot-relocation)"; }

case_restore()
{
	full
	ra 0 start seed=copy
	echo newer >$P/newer
	ra 1 restore shared=/d0/vz paths="$P /srv/x" device=/dev/nothing
	after=$(tree $S)
	sleep 300 3<>$S/file &
	ra 1 restore
	says "in use"
	[[ -s $P/newer ]] || fail "the active node sees nothing after a refusal"
	kill $!
	wait $! 2>/dev/null
	ra 0 restore
	[[ $(tree $P) == "$after" && $(tree $S) == "$after" ]] || fail "not as on the shared tree"
	[[ $(cat $A.vzha-local/file) == mine ]] || fail "the first original is gone"
	ra 7 monitor
	ra 0 restore
	ra 0 start
	ra 0 stop
	umount /d0
	ra 0 restore
	must_not test -L $P
	[[ -s $P/file ]] || fail "nothing came back"
}

# What somebody keeps at a name that restore works with.
case_restore_beside_others()
{
	full
	ra 0 start seed=copy
	mkdir $A.vzha-restore && echo theirs >$A.vzha-restore/file
	ra 0 restore
	[[ $(<$A.vzha-restore.1/file) == theirs && $(tree $P) == "$before" ]] || fail "lost"
	must_not test -e $A.vzha-restore-links
	ra 0 start
	mkdir $A.vzha-restore-links && echo theirs >$A.vzha-restore-links/file
	ra 0 restore
	[[ $(<$A.vzha-restore-links.1/file) == theirs && $(tree $P) == "$before" ]] || fail "lost"
	# Nothing is here that our link could be in the place of: it stays so when that is refused.
	rm -r $P
	sleep 300 3<>$S/file &
	ra 1 restore
	kill $!
	wait $! 2>/dev/null
	must_not test -L $P
	ra 0 restore
	[[ $(tree $P) == "$before" ]] || fail "not restored"
	mv $P $A.vzha-seeding && mkdir $P
	umount /d0
	ra 0 restore
	must grep -q "when it was seeded is $A.vzha-seeding" "$out"
}

# One of two paths, where the other one leads to the shared tree as well.
case_restore_some()
{
	local q=/srv/q

	full
	mkdir $q && echo other >$q/file
	ra 0 start seed=copy "paths=$P $q"
	ra 1 restore
	says "other paths lead to it as well: $q;"
	[[ $(<$P/file) == mine && $(<$q/file) == other && -L $P ]] || fail "not as before"
	ra 0 stop "paths=$P $q"
	ra 0 restore
	[[ ! -L $P && $(tree $P) == "$before" ]] || fail "not restored"
	must grep -q "still has the paths $q" "$out"
	[[ -d $q && -z $(ls $q) && -e /etc/tmpfiles.d/vzha-d0-vz.conf ]] || fail "the other one leads nowhere"
	ra 0 start "paths=$q"
	[[ $(<$q/file) == other ]] || fail "the other one is not there"
	ra 0 restore "paths=$q"
	[[ ! -L $q && $(<$q/file) == other && ! -e /etc/tmpfiles.d/vzha-d0-vz.conf ]] || fail "not restored"
	must_not test -L /run/vzha/root/d0-vz
	# Taken out of the parameter.
	mkdir -p /srv/a/b && ra 0 start seed=copy "paths=/srv/a/b $q" && ra 0 stop "paths=/srv/a/b $q"
	rm -f /tmp/ra.log
	HA_LOGFILE=/tmp/ra.log ra 0 start "paths=$q"
	must grep -q "not looked after: /srv/a/b;" /tmp/ra.log
	rm /tmp/ra.log
}

# Another filesystem than tmpfs is needed for what it does to files.
on_a_disk()
{
	umount /d0
	truncate -s 64M /lab/d0.img
	mkfs.ext4 -qF /lab/d0.img || fail "no mkfs.ext4"
	mount -o loop /lab/d0.img /d0 || fail "no loop mount"
	mkdir /d0/vz
}

# seeded [PATH...]: what is set aside is old, what the shared tree has is new
seeded()
{
	local path

	for path in $P "$@"; do mkdir -p $path && echo old >$path/file; done
	ra 0 start seed=copy "paths=$P $*"
	for path in $P "$@"; do echo new >$path/file; done
	ra 0 stop "paths=$P $*"
}

# After an error of the disk, or by somebody who is careful: it is there to be read.
case_read_only()
{
	on_a_disk
	seeded
	mount -o remount,ro /d0
	ra 0 restore
	[[ ! -L $P && $(<$P/file) == new ]] || fail "not what the shared tree has"
	mount -o remount,rw /d0
	ra 0 start
	mount -o remount,ro /d0
	ra 0 restore
	[[ ! -L $P && $(<$P/file) == new ]] || fail "not what the shared tree has"
}

# Older content is no answer to a shared tree that is the wrong one, or not to be read.
case_wrong_target()
{
	seeded
	ra 1 restore device=/dev/loop7
	says "was expected"
	mv /d0/vz /d0/other
	ra 1 restore
	says "a filesystem is mounted, but this cannot be opened"
	[[ -L $P && -d $P ]] || fail "not passive as before"
	mv /d0/other /d0/vz
	ra 0 restore
	[[ $(<$P/file) == new ]] || fail "not what the shared tree has"
}

# Moved on the shared disk, with a link in its place.
case_shared_is_a_link()
{
	seeded
	mv $S /d0/vz/moved && ln -s ../moved $S
	ra 1 restore
	says "$S: is no file or directory; put the directory itself there"
	rm $S && mv /d0/vz/moved $S
	ra 0 restore
	[[ $(<$P/file) == new ]] || fail "not restored"
}

# A backup was unpacked where the shared tree was mounted once.
case_shared_is_not_mounted()
{
	seeded
	umount /d0
	mkdir -p $S && echo backup >$S/file
	ra 1 restore
	says "say require_mount=false"
	[[ -L $P ]] || fail "changed"
	rm $P
	ra 1 restore
	must_not test -e $P
	ra 0 restore require_mount=false
	[[ $(<$P/file) == backup && $(<$A.vzha-local/file) == old ]] || fail "not the backup"
	rm -r /d0/vz
	# And nothing is there, as on a cluster file system that is gone.
	clean_slate
	seeded
	umount /d0
	rm -r /d0/vz
	ra 0 restore require_mount=false
	[[ $(<$P/file) == old ]] || fail "not what was set aside"
}

# The mount point is on a filesystem of the node's own, not the root one, and so are the paths.
case_dead_disk_on_our_own()
{
	mount -t tmpfs own /srv
	mkdir /srv/disk && mount -t tmpfs disk /srv/disk && mkdir /srv/disk/vz
	full
	ra 0 start seed=copy shared=/srv/disk/vz
	ra 0 stop shared=/srv/disk/vz
	umount /srv/disk
	ra 0 restore shared=/srv/disk/vz device=/dev/loop7
	[[ $(tree $P) == "$before" ]] || fail "not what was set aside"
	umount /srv
}

# It goes or comes between two paths: never one of each.
case_shared_goes_meanwhile()
{
	local q=/srv/q

	seeded $q
	at renameat2:when=2 eval "! umount /d0 2>/dev/null"
	ra 0 restore "paths=$P $q"
	[[ $(<$P/file) == new && $(<$q/file) == new ]] || fail "$(cat $P/file $q/file)"
	ra 0 start "paths=$P $q" && ra 0 stop "paths=$P $q"
	at renameat2:when=2 umount -l /d0
	ra 1 restore "paths=$P $q"
	says "meanwhile"
	[[ $(<$P/file) == new && -L $q ]] || fail "old and new"
	clean_slate
	seeded $q
	mkdir /lab/away
	mount --move /d0 /lab/away || fail "no mount --move"
	at renameat2:when=1 mount --bind /lab/away /d0
	ra 1 restore "paths=$P $q"
	says "meanwhile"
	must test -L $q
	umount /lab/away && rmdir /lab/away
}

# What an interrupted restore leaves of our link at P.vzha-local is no original.
case_killed_after_the_exchange()
{
	seeded
	mkdir /lab/away && mount --bind /d0 /lab/away && umount /d0
	at renameat2 die
	ra 137 restore
	[[ -L $A.vzha-local && $(<$P/file) == old ]] || fail "not killed there"
	mount --bind /lab/away /d0
	ra 0 start
	[[ $(<$P/file) == new && ! -L $A.vzha-local ]] || fail "not the shared tree"
	ra 0 stop
	umount /d0
	ra 0 restore
	[[ ! -L $P && $(<$P/file) == old ]] || fail "not what was set aside"
	umount /lab/away && rmdir /lab/away
}

# Ctrl-C, a terminal that is closed: all is as before, and said.
interrupt() { kill -HUP "$(pidof vzroot-relocation)"; }
case_interrupted()
{
	local q=/srv/q

	seeded $q
	ra 0 start "paths=$P $q"
	at renameat2:when=2 interrupt
	ra 1 restore "paths=$P $q"
	says "$q: interrupted; nothing was changed here"
	[[ $(<$P/file) == new && ! -L $P && -L $q && $(<$q/file) == new ]] || fail "not in order"
	monitor 0 "paths=$P $q"
	ra 0 start "paths=$P $q"
	head -c 3000000 /dev/zero >$q/big
	runner=(strace -f -o /dev/null -e "trace=copy_file_range,pwrite64"
		-e "inject=copy_file_range,pwrite64:delay_enter=1500ms")
	(sleep 1 && interrupt) &
	ra 1 restore "paths=$q $P"
	runner=()
	wait
	says "$q: interrupted; nothing was changed here"
	[[ $(<$q/file) == new && -L $P && -L $q && ! -e /srv/.q.vzha-restore ]] || fail "not as before"
	ra 0 restore "paths=$P $q"
	[[ $(<$q/file) == new && ! -L $q ]] || fail "not restored"
}

# The cluster was given up, and is set up again: a month of work is not what a package leaves.
case_used_since()
{
	local what

	for what in from_shared from_local; do
		clean_slate
		seeded
		if [[ $what == from_local ]]; then mkdir /lab/away && mount --move /d0 /lab/away; fi
		ra 0 restore
		if [[ $what == from_local ]]; then mount --move /lab/away /d0 && rmdir /lab/away; fi
		before=$(tree $P)
		ra 0 start
		ra 0 stop
		ra 0 restore
		mkdir -p $P/dir && echo month >$P/dir/mail
		before=$(tree $P)
		ra 1 start
		says "$P: was given back by restore, and then"
		says "run \`vzroot-relocation seed\`"
		OCF_CHECK_LEVEL=10 ra 2 validate-all
		[[ $(tree $P) == "$before" ]] || fail "changed"
		mv $S /d0/vz/old
		ra 0 seed
		ra 0 start
		[[ $(<$P/dir/mail) == month ]] || fail "not there"
	done
	# A file.
	clean_slate
	echo old >$P
	ra 0 start seed=copy
	ra 0 restore
	echo month >$P
	ra 1 start
	says "was given back by restore"
	mv $P /srv/mine
	ra 0 start
	# The cluster has gone on elsewhere since, and has newer content as well.
	ra 0 restore
	echo month >$P
	echo theirs >$S
	ra 0 start
	[[ $(cat $A.vzha-local.*) == month && $(<$P) == theirs ]] || fail "not set aside"
	# Touched, not changed.
	ra 0 restore
	chmod 644 $P && ln $P /srv/backup && rm /srv/backup
	ra 0 start
}

# Before it has closed the switch, and then it fails: the stop has the last word.
case_stopped_while_it_looks()
{
	local user

	seeded
	ra 0 start
	sleep 300 3<>$S/file &
	user=$!
	at getdents64:when=2 ra_alone 0 stop CRM_meta_timeout=2000
	ra 1 restore
	says "in use"
	ra 7 monitor
	kill $user
	wait $user 2>/dev/null
	ra 0 restore
}
ra_alone()
{
	# In a subshell already, as the function that is run meanwhile.
	meanwhile='' runner=() out=/tmp/meanwhile.out
	ra "$@"
}

# Complete, and left when the cluster went on: months old.
case_restored_long_ago()
{
	seeded
	at renameat2:when=1 die
	ra 137 restore
	must test -e $A.vzha-restored/file
	rm $P && echo newest >$S/file
	ra 0 restore
	[[ $(<$P/file) == newest && ! -e $A.vzha-restored ]] || fail "the old one is back"
	ra 0 start
	at renameat2:when=1 die
	ra 137 restore
	ra 0 start
	must_not test -e $A.vzha-restored
	ra 0 status
	must grep -q "set aside: $A.vzha-local\." "$out"
}

# Killed with the copy complete, and the shared tree gone since: what came from it is newer than what was here.
case_killed_when_complete()
{
	seeded
	at renameat2:when=1 die
	ra 137 restore
	must test -e $A.vzha-restored/file
	umount /d0
	ra 0 restore
	must grep -q "$P: what an interrupted restore had copied back" "$out"
	[[ ! -L $P && $(<$P/file) == new && $(<$A.vzha-local/file) == old ]] || fail "the older one"
	must_not test -e $A.vzha-restored
	# Not complete: it is none, and for people to look at, until the shared tree is seen again.
	mount -t tmpfs shared /d0 && mkdir -p $S && echo new >$S/file && ra 0 start && ra 0 stop
	at syncfs die
	ra 137 restore
	must test -e $A.vzha-restore
	umount /d0
	ra 0 restore
	[[ $(<$P/file) == old && -e $A.vzha-restore ]] || fail "not as it was"
	must grep -q "$A.vzha-restore: an interrupted restore has left a part" "$out"
	mount -t tmpfs shared /d0 && mkdir -p $S && echo new >$S/file
	ra 0 restore
	[[ $(<$P/file) == old && ! -e $A.vzha-restore && ! -e $A.vzha-restore-links ]] || fail "left"
}

# A file that only the other node had: a directory in its place would keep the next start from it.
case_file_of_the_other_node()
{
	mkdir -p "${S%/*}" && echo theirs >$S
	ra 0 start
	ra 0 stop
	umount /d0
	ra 0 restore
	must_not test -e $P
	must_not test -L $P
	must grep -q "nothing is there now" "$out"
	mount -t tmpfs shared /d0 && mkdir -p "${S%/*}" && echo theirs >$S
	ra 0 start
	[[ $(<$P) == theirs ]] || fail "not there"
}

# Linked from one path to another: each is copied back by itself.
case_hard_links_between_paths()
{
	local q=/srv/q

	full
	mkdir $q && ln $P/file $q/again
	ra 0 start seed=copy "paths=$P $q"
	[[ $(stat -c %h $S/file) == 2 ]] || fail "not linked on the shared tree"
	ra 0 restore "paths=$P $q"
	must grep -q "$P: 1 files had other names (hard links) outside" "$out"
	[[ $(<$P/file) == mine && $(<$q/again) == mine ]] || fail "not restored"
}

# Brought back without knowing whether the shared tree has something newer: it says so.
case_original_of_a_seed()
{
	full
	at renameat2:when=3 die
	ra 137 start seed=copy
	must test -d $A.vzha-seeded
	umount /d0
	ra 0 restore
	[[ $(tree $P) == "$before" ]] || fail "not restored"
	must grep -q "$P: what was set aside here on .*; the shared tree's content may be newer" "$out"
}

# What was left is removed, but not by way of what somebody mounted in it.
case_mount_in_what_was_left()
{
	local where

	mkdir -p $P/m/sub /srv/other/sub && echo x >$P/file && echo photo >/srv/other/sub/photo
	ra 0 start seed=copy
	at syncfs die
	ra 137 restore
	for where in m m/sub; do
		mount --bind /srv/other $A.vzha-restore/$where || fail "no mount"
		ra 1 restore
		says "another filesystem is mounted in $A.vzha-restore"
		umount $A.vzha-restore/$where
		[[ $(</srv/other/sub/photo) == photo ]] || fail "removed what was mounted"
	done
	ra 0 restore
	[[ $(<$P/file) == x && ! -e $A.vzha-restore ]] || fail "not restored"
}

# By the shared tree's own name, after all was compared: it is there, and restore says so.
case_shared_written_before_the_exchange()
{
	full
	ra 0 start seed=copy
	ra 0 stop
	at renameat2:when=2 sh -c "echo late >>$S/file"
	ra 0 restore
	grep -q "$S: file changed .*compare" "$out" || fail "not told"
	[[ $(<$S/file) == $'mine\nlate' ]] || fail "lost"
}

cases "$@"
