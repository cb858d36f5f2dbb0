#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-meanwhile.sh [CASE...]: somebody changes the paths themselves while the agent is at work.
# "syncfs" is when a path is copied, and not yet exchanged.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

# versions A B: two directories with the same names, A at P and B beside it, both from long ago
versions()
{
	mkdir -p $P/d $P.new/d
	printf '%s' "$1" >$P/d/conf
	printf '%s' "$2" >$P.new/d/conf
	find $P $P.new -exec touch -d 2020-01-01 {} +
	sleep 1.1 # what was changed in the second of the beginning is copied again anyway
}
die() { kill -KILL "$(pidof vzroot-relocation)"; }
deploy() { mv $P $P.old && mv $P.new $P; }

# The new one is longer: it must not be gone on with where the copy of the old one ended.
case_replaced_by_a_directory()
{
	versions OLD NEW-NEW
	at syncfs deploy
	ra 0 start seed=copy
	[[ $(<$S/d/conf) == NEW-NEW ]] || fail "the shared tree has $(<$S/d/conf)"
	[[ $(<$A.vzha-local/d/conf) == NEW-NEW && $(<$P.old/d/conf) == OLD ]] || fail "not the originals"
}

# It was listed, and is gone when it is to be copied: the newest entry of a tmpfs comes first.
case_vanishes()
{
	full
	mkdir $P/dir
	at mkdirat:when=4 rm $P/file
	ra 0 start seed=copy
	[[ $(ls $S) == dir && $(ls $A.vzha-local) == dir ]] || fail "$(ls $S)"
}

# Nothing but the bytes tells one from the other.
case_replaced_by_its_like()
{
	versions OLD NEW
	at syncfs deploy
	ra 0 start seed=copy
	[[ $(<$S/d/conf) == NEW ]] || fail "the shared tree has $(<$S/d/conf)"
}

# Between two starts, by way of the directory above: nothing in the tree itself tells of it.
case_replaced_between_starts()
{
	local way=/srv/way

	mkdir -p $way/vz/d $way.new/vz/d
	echo OLD >$way/vz/d/conf
	echo NEW >$way.new/vz/d/conf
	find $way $way.new -exec touch -d 2020-01-01 {} +
	sleep 1.1
	at renameat die
	ra 137 start seed=copy paths=$way/vz
	mv $way $way.old && mv $way.new $way
	ra 0 start seed=copy paths=$way/vz
	[[ $(</d0/vz$way/vz/d/conf) == NEW ]] || fail "the shared tree has $(</d0/vz$way/vz/d/conf)"
}

case_file_written_with_its_times_kept()
{
	echo OLD >$P
	touch -d 2020-01-01 $P
	sleep 1.1
	at syncfs sh -c "echo NEW >$P; touch -d 2020-01-01 $P"
	ra 0 start seed=copy
	[[ $(<$S) == NEW && $(<$A.vzha-local) == NEW ]] || fail "the shared tree has $(<$S)"
}

case_attributes_of_the_path_itself()
{
	mkdir -p $P && echo x >$P/file
	sleep 1.1
	at syncfs sh -c "setfattr -n trusted.k -v v $P; setfacl -d -m u:7:rwx $P"
	ra 0 start seed=copy
	[[ $(tree $S) == "$(tree $A.vzha-local)" && $(tree $S) == *trusted.k=v* ]] || fail "not as the original"
}

# What a configuration manager does: the new file takes the name, whatever that was.
put() { echo NEW >/srv/.new && mv -T /srv/.new "${1:-$P}"; }
is_new() { [[ -f $1 && ! -L $1 && $(<"$1") == NEW ]]; }

# By the look at users of the second path, the first is decided about.
case_hand_made_link_is_replaced()
{
	mkdir -p /d0/vz/srv /srv/other && echo x >/srv/other/file
	echo shared >$S && ln -s $S $P
	at syncfs put
	ra 1 start seed=copy paths="/srv/other $P"
	says "$P: is a file now"
	must is_new $P
	[[ $(<$S) == shared ]] || fail "the shared tree has $(<$S)"
	# Just before our link goes there.
	rm $P && ln -s $S $P
	at symlink:when=3 put
	ra 1 start seed=copy paths="/srv/other $P"
	says "was replaced"
	must is_new $P
}

case_link_is_replaced_before_restore()
{
	echo one >$P
	ra 0 start seed=copy
	at syncfs put
	ra 1 restore
	says "was replaced"
	must is_new $P
	[[ $(<$S) == one && ! -e $A.vzha-restore && ! -e $A.vzha-restored ]] || fail "not as before"
	ra 0 restore
	must is_new $P
	# This node never had any: an empty directory takes the place of our link only.
	rm $P $A.vzha-local && mkdir /srv/d1 && mount -t tmpfs d1 /srv/d1
	mkdir -p /srv/d1/vz$P && ra 0 start shared=/srv/d1/vz && ra 0 stop shared=/srv/d1/vz && umount /srv/d1
	at mkdir:when=7 put
	ra 1 restore shared=/srv/d1/vz
	must is_new $P
}

# Where an original cannot be set aside, it stays; its name is not taken for one of our links.
case_original_cannot_be_kept()
{
	echo original >$A.vzha-seeding
	echo mine >$P
	ra 1 start seed=copy
	says "$A.vzha-seeding: is there"
	[[ $(<$P) == mine && $(<$A.vzha-seeding) == original ]] || fail "lost"
	mv $A.vzha-seeding /lab/original
	ra 0 start seed=copy
	[[ $(<$P) == mine && $(<$A.vzha-local) == mine ]] || fail "lost"
}

# Whether it was committed only the shared tree knows: stop, which does not look there, brings nothing back.
case_stopped_about_the_commit()
{
	full
	at renameat2:when=3 die
	ra 137 start seed=copy
	must_not test -e /d0/vz/.vzha-seed/commit
	ra 0 stop
	[[ -L $P && -z $(ls $P) && $(tree $A.vzha-seeded) == "$before" ]] || fail "not as it was left"
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" && $(tree $A.vzha-local) == "$before" ]] || fail "not seeded"
	must_not test -e $A.vzha-seeded
}

# No room for it: surely not written, and the original is back at once.
case_no_room_for_the_commit()
{
	full
	runner=(strace -f -o /tmp/at.trace -P /d0/vz/.vzha-seed/commit.vzha-new -e inject=openat:error=ENOSPC)
	refused "the commit cannot be written: No space left on device"
	runner=()
	must_not test -e $A.vzha-seeded
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
}

# The link is replaced by somebody's new directory before the commit: not that one is the content.
anew()
{
	rm $P && mkdir $P && echo one >$P/one
}
case_made_anew()
{
	full
	at renameat2:when=1 anew
	ra 1 start seed=copy
	says "the original is $A.vzha-seeding"
	[[ $(<$P/one) == one && $(tree $A.vzha-seeding) == "$before" ]] || fail "lost"
	must_not test -e $S
	ra 1 start seed=copy
	says "$A.vzha-seeding: is there"
	rm -r $P && mv $A.vzha-seeding $P
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not the content"
}

# A package takes our link for a dead one, just before the switch moves.
case_made_anew_at_the_end()
{
	mkdir -p $P $S && echo mine >$P/file && echo theirs >$S/file
	at symlink:when=4 anew
	ra 0 start
	[[ -L $P && $(<$P/file) == theirs && $(cat $A.vzha-local.*/one) == one ]] || fail "not the shared tree"
	monitor 0
}

# An original that could not be put in order stops a start of any kind: the empty path must not be the content.
case_original_is_not_forgotten()
{
	full
	mv $P $A.vzha-seeding && mkdir $P
	ra 1 start
	says "$A.vzha-seeding: is there"
	must_not test -e $S
	rmdir $P && mv $A.vzha-seeding $P
	ra 0 start seed=copy
	# Committed, and the link removed by hand: it is as old as before.
	echo newer >$P/newer
	ra 0 stop
	mv $A.vzha-local $A.vzha-seeded && rm $P
	ra 0 start
	[[ $(<$P/newer) == newer && $(tree $A.vzha-local) == "$before" ]] || fail "the old content is back"
	must getfattr -n trusted.vzha.seeded $A.vzha-local >/dev/null 2>&1
}

# As rsync -a --delete does: an entry goes, and the directory's times are put back.
without_a_trace()
{
	touch -r $P /lab/times && rm $P/file && touch -r /lab/times $P
}
case_removed_without_a_trace()
{
	full
	at syncfs without_a_trace
	ra 0 start seed=copy
	must_not test -e $P/file
	must_not test -e $A.vzha-local/file
}

# Ctrl-C in a seed by hand, when the paths lead nowhere: it comes to its end first.
interrupt() { kill -INT "$(pidof vzroot-relocation)" && kill -TERM "$(pidof vzroot-relocation)"; }
case_interrupted_by_hand()
{
	full
	at renameat2:when=1 interrupt
	ra 0 seed
	[[ $(tree $S) == "$before" && -d $P ]] || fail "not seeded, or a path that leads nowhere"
	ra 0 start
	[[ $(<$P/file) == mine ]] || fail "not the content"
}

# A path is added on an active node: its name leads to the shared tree before the content is there.
case_added_while_active()
{
	local q=/srv/q.conf d=/srv/d

	full
	ra 0 start seed=copy
	echo content >$q
	mkdir -p $d /d0/vz$d && echo content >$d/file
	at renameat2:when=2 eval "echo late >>$q && echo late >$d/late"
	ra 0 start seed=copy "paths=$P $q $d"
	[[ $(<$q) == content && $(<$d/file) == content ]] || fail "not the content"
	[[ $(cat /d0/vz/srv/.q.conf.vzha-stray) == late && $(cat /d0/vz/srv/.d.vzha-stray/late) == late ]] || fail "what was written late is lost"
	ra 0 start "paths=$P $q $d"
	ra 0 stop "paths=$P $q $d"
}

# Who takes a name apart before he makes a directory finds nowhere to make it.
case_nowhere_to_write()
{
	full
	at renameat2:when=1 eval "! mkdir -p \$(readlink -m $P)/new 2>/dev/null"
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not the content"
	must_not test -d /run/vzha/closed
}

# The same, and another node has removed the last container since: it does not come back either.
case_emptied_since()
{
	full
	runner=(strace -f -o /tmp/at.trace -e inject=renameat2:error=ENOSPC:when=4)
	ra 0 start seed=copy
	runner=()
	must test -e $A.vzha-seeded
	ra 0 stop
	find $S -mindepth 1 -delete
	ra 1 start seed=copy
	says "$A.vzha-seeded: is there"
	mv $A.vzha-seeded $A.vzha-local
	ra 0 start seed=copy
	[[ -z $(ls $P) && $(tree $A.vzha-local) == "$before" ]] || fail "what was removed is back"
	must_not test -e $A.vzha-seeded
}

# Committed, and the original could not be set aside: it is old, and never comes back while the shared tree is seen.
case_stale_original()
{
	local what

	for what in stop restore; do
		clean_slate
		full
		runner=(strace -f -o /tmp/at.trace -e inject=renameat2:error=ENOSPC:when=4)
		ra 0 start seed=copy
		runner=()
		echo newer >$P/newer
		if [[ $what == stop ]]; then
			ra 0 stop
			[[ -L $P && -z $(ls $P) ]] || fail "a passive node has a stale copy at its place"
			ra 0 start
		fi
		[[ $(<$P/newer) == newer ]] || fail "the newer content is not seen"
		ra 0 restore
		[[ $(<$P/newer) == newer && $(<$A.vzha-local/file) == mine ]] || fail "not the newer content"
	done
	# Without the shared tree there is nothing else.
	clean_slate
	full
	at renameat2:when=3 die
	ra 137 start seed=copy
	umount /d0
	ra 0 restore
	[[ $(tree $P) == "$before" ]] || fail "nothing came back"
}

# What is mounted over the shared tree has an unfinished seed of its own: that is none of ours.
other_on_top()
{
	mount -t tmpfs other /d0 && mkdir -p /d0/vz/.vzha-seed/srv-vz.tree
	cp /tmp/begun /d0/vz/.vzha-seed/begun && echo WRONG >/d0/vz/.vzha-seed/srv-vz.tree/file
}
case_mounted_over()
{
	full
	at syncfs sh -c "cp /d0/vz/.vzha-seed/begun /tmp/begun; kill -KILL \$(pidof vzroot-relocation)"
	ra 137 start seed=copy
	at syncfs other_on_top
	ra 1 start seed=copy
	says "another filesystem was mounted over it"
	[[ $(tree $P) == "$before" && ! -e $S ]] || fail "not as it was"
	umount /d0
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
}

# By its name, while P is a link and the switch not yet at the shared tree: it fails, or it is there.
write_by_name() { ! sh -c "echo precious >>$1" 2>/dev/null || touch /tmp/wrote; }
nothing_in_memory()
{
	[[ -z $(find /run/vzha/standby -type f -size +0) ]] || fail "written to memory: $1"
	[[ ! -e /tmp/wrote || $(<"$2") == *precious ]] || fail "written and lost: $1"
	must_not test -e /run/vzha/root/.d0-vz.new
	rm -f /tmp/wrote
}
case_written_by_name()
{
	local n

	for n in 1 2 3 4; do
		clean_slate && full
		at renameat2:when=$n write_by_name $P/new
		ra 0 start seed=copy
		nothing_in_memory "a new file" $S/new
		clean_slate && echo one >$P
		at renameat2:when=$n write_by_name $P
		ra 0 start seed=copy
		nothing_in_memory "a file" $S
		[[ $(head -n 1 $S) == one ]] || fail "not seeded"
	done
	for n in full "mkdir $P" true; do
		clean_slate
		$n && mkdir -p $S && echo theirs >$S/file
		case $n in
		true) at symlink:when=3 write_by_name $P/new ;;
		*) at renameat2 write_by_name $P/new ;;
		esac
		ra 0 start
		nothing_in_memory "when set aside, $n" $S/new
		[[ $(<$P/file) == theirs ]] || fail "not the shared tree"
	done
	ra 0 stop
	[[ -d $P && -z $(ls $P) ]] || fail "not passive"
}

# A link made by hand leads to the shared tree, before and after and all the time.
case_written_while_adopted()
{
	mkdir -p $S && ln -s $S $P
	at renameat2 write_by_name $P/new
	ra 0 start
	must test -e /tmp/wrote
	nothing_in_memory "while it was adopted" $S/new
	# By hand on a passive node it is left for start.
	rm $P && ra 0 stop && ln -s $S $P
	ra 0 seed
	[[ $(readlink $P) == "$S" ]] || fail "adopted on a passive node"
	ra 0 start
	[[ $(readlink $P) != "$S" ]] || fail "not adopted"
}

case_written_while_restored()
{
	full
	ra 0 start seed=copy
	at syncfs write_by_name $P/new
	ra 0 restore
	nothing_in_memory "while it is copied back" $P/new
	[[ $(<$P/file) == mine ]] || fail "not restored"
	# Refused: open again, as it was.
	ra 0 start
	at syncfs sh -c "echo more >>$S/file"
	ra 1 restore
	[[ $(<$P/file) == $'mine\nmore' ]] || fail "does not lead to the shared tree again"
	ra 0 stop
	[[ -d $P && -z $(ls $P) ]] || fail "not passive"
	at syncfs die
	ra 137 restore
	ra 0 stop
	[[ -d $P && -z $(ls $P) ]] || fail "not passive"
}

# A stop while a start is at work: the start must not make the node active afterwards.
stop_meanwhile() { ra_alone 0 stop CRM_meta_timeout=2000; }
ra_alone()
{
	# In a subshell already, as the function that is run meanwhile.
	meanwhile='' runner=() out=/tmp/meanwhile.out
	ra "$@"
}
case_stopped_while_it_starts()
{
	full
	at syncfs stop_meanwhile
	ra 1 start seed=copy
	says "was stopped meanwhile"
	ra 7 monitor
	ra 0 start seed=copy
	[[ $(<$P/file) == mine ]] || fail "not started"
	# The node is active already: by the look for what it has to do it is not.
	at mkdir:when=5 stop_meanwhile
	ra 1 start
	ra 7 monitor
	ra 0 start
	# By hand, as well.
	at syncfs stop_meanwhile
	ra 0 restore
	ra 7 monitor
}

# Where /run is on ext4, the second new link has the inode of the one that start saw.
case_stopped_twice_while_it_starts()
{
	mkdir -p /run/vzha/root && truncate -s 4M /lab/run.img && mkfs.ext4 -qF /lab/run.img
	mount -o loop /lab/run.img /run/vzha/root || fail "no loop mount"
	full
	at syncfs eval "stop_meanwhile && stop_meanwhile"
	ra 1 start seed=copy
	says "was stopped meanwhile"
	ra 7 monitor
	umount /run/vzha/root && rm /lab/run.img
}

# It is to be made on the shared tree, and gets an owner while that happens.
case_attributes_of_an_empty_path()
{
	mkdir -p $P
	at symlink:when=3 sh -c "setfattr -n trusted.k -v v $P; chown 12:34 $P; chmod 2750 $P"
	ra 0 start
	[[ $(stat -c %u:%g:%a $S) == 12:34:2750 ]] || fail "$(stat -c %u:%g:%a $S)"
	must getfattr -n trusted.k $S >/dev/null 2>&1
}

# Decided about as an empty directory.
case_empty_no_longer()
{
	mkdir -p $P $S
	at symlink:when=3 sh -c "echo mine >$P/file"
	ra 1 start
	says "was replaced or written to"
	[[ ! -L $P && $(<$P/file) == mine && ! -e $A.vzha-local ]] || fail "hidden"
}

cases "$@"
