#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-boot.sh [CASE...]: what the paths lead to after a boot, by systemd-tmpfiles, and what else
# outlives the one command: other paths, and advice that is followed to the letter.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

boot()
{
	rm -rf /run/vzha
	systemd-tmpfiles --create /etc/tmpfiles.d/vzha-*.conf || fail systemd-tmpfiles
}

# What tmpfiles.d makes of a name is not what it makes of a link's target.
case_odd_names()
{
	local shared path

	for shared in /d0/my-vz '/d0/a\b' '/d0/a"b' "/d0/a'b" /d0/a%b "/d0/a\$b" /d0/a:b,c '/d0/ä' '/d0/a#b' \
		$'/d0/\xff' '/d0/a\x2db'; do
		for path in /srv/vz "/srv/${shared#/d0/}"; do
			rm -rf /srv /etc/tmpfiles.d/vzha-*
			mkdir -p "$shared$path" "$path" && echo x >"$shared$path/file" && echo mine >"$path/own"
			ra 0 start "shared=$shared" "paths=$path"
			[[ $(cat "$path/file") == x ]] || fail "not the shared tree: $path"
			ra 0 stop "shared=$shared" "paths=$path"
			boot
			[[ -d $path/ && -z $(ls "$path") ]] || fail "$path leads nowhere after a boot: $(readlink "$path")"
			ra 0 start "shared=$shared" "paths=$path" standby=local
			ra 0 stop "shared=$shared" "paths=$path" standby=local
			boot
			[[ $(cat "$path/own") == mine ]] || fail "standby=local: $path leads nowhere after a boot"
			rm -rf /run/vzha "$shared"
		done
	done
}

# A file is one after a boot, too, by whichever action its stand-in was made.
case_file()
{
	full
	echo mine >$P.conf
	ra 0 start seed=copy "paths=$P $P.conf"
	boot
	[[ -d $P && -f $P.conf ]] || fail "not a file"
	# What an older version has made.
	rm /run/vzha/standby/d0-vz$P.conf && mkdir /run/vzha/standby/d0-vz$P.conf
	ra 0 start "paths=$P $P.conf"
	ra 0 stop "paths=$P $P.conf"
	must test -f $P.conf
}

# A boot that knows no tmpfiles.d, and then one of two paths is restored, or the one above them is to be moved.
case_boot_without_tmpfiles()
{
	local q='/srv/a"%b\c'

	mkdir -p "$q" $P && echo x >"$q/file" && echo mine >$P/file
	ra 0 start seed=copy "paths=$P $q"
	ra 0 stop "paths=$P $q"
	rm -rf /run/vzha
	mkdir /srv/own
	ra 1 start paths=/srv
	says "with paths below it that lead to the shared tree: "
	ra 0 restore
	must grep -qF "still has the paths $q" "$out"
	boot
	[[ -d $q && -z $(ls "$q") ]] || fail "the other one leads nowhere after a boot"
	must_not test -e /run/vzha/standby/d0-vz$P/file
}

# Another path is seeded by hand, as the manual says: the cluster's own stay as they are.
case_seed_by_hand()
{
	local q=/srv/q

	mkdir -p $P/own $S/mail && echo mine >$P/own/config
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ $(<$P/own/config) == mine ]] || fail "not the local one"
	mkdir $q && echo other >$q/file
	ra 0 seed "paths=$P $q"
	[[ $(<$P/own/config) == mine ]] || fail "the seed has changed what the node has while it is passive"
	ra 0 seed "paths=$q"
	boot
	[[ $(<$P/own/config) == mine && -d $q && -z $(ls $q) ]] || fail "$P leads nowhere after a boot"
	ra 0 start standby=local "paths=$P $q"
	[[ $(<$q/file) == other ]] || fail "not seeded"
	ra 0 stop standby=local "paths=$P $q"
	[[ $(<$P/own/config) == mine ]] || fail "not the local one"
}

# What was put there on a passive node is in memory: who gives the cluster up must hear of it.
case_strays_are_told()
{
	full
	ra 0 start seed=copy
	ra 0 stop
	echo new >$P/new
	ra 0 restore
	must grep -q "$P: 1 entries were written there while this node was passive" "$out"
}

# From two directories to the one above, which has more than these.
case_paths_taken_up()
{
	mkdir -p /srv/p1 /srv/a/p2 && echo 1 >/srv/p1/file && echo 2 >/srv/a/p2/file
	ra 0 start seed=copy "paths=/srv/p1 /srv/a/p2"
	ra 0 stop "paths=/srv/p1 /srv/a/p2"
	mkdir /srv/mail && echo mail >/srv/mail/box
	ra 1 start paths=/srv
	says "/srv: is a directory of this node with paths below it that lead to the shared tree: "
	[[ $(</srv/mail/box) == mail && -L /srv/p1 && ! -e /.srv.vzha-local ]] || fail "hidden"
	ra 0 restore "paths=/srv/p1 /srv/a/p2"
	mv /d0/vz/srv /d0/vz/old
	ra 0 seed paths=/srv
	ra 0 start paths=/srv
	[[ $(</srv/mail/box) == mail && $(</srv/p1/file) == 1 && $(</srv/a/p2/file) == 2 ]] || fail "lost"
	# As long as it leads there, what is below it is there as well.
	ra 0 stop paths=/srv
	ra 2 start paths=/srv/p1
	says "/srv above it is vzha's link already (/run/vzha/root/d0-vz/srv)"
	ra 2 restore paths=/srv/p1
	says "/srv above it is vzha's link already"
	rm -r /run/vzha
	ra 2 start paths=/srv/p1
	says "/srv above it is vzha's link already"
	ra 0 restore paths=/srv
	rm -rf /.srv.vzha-local
}

# Names that could be taken for each other's.
case_names_alike()
{
	mkdir -p /d0/vz/srv/a /d0/vz.new/srv/b && echo a >/d0/vz/srv/a/file && echo b >/d0/vz.new/srv/b/file
	ra 0 start paths=/srv/a
	ra 0 start shared=/d0/vz.new paths=/srv/b
	ra 0 stop paths=/srv/a
	ra 0 start paths=/srv/a
	ra 0 restore paths=/srv/a
	monitor 0 shared=/d0/vz.new paths=/srv/b
	[[ $(</srv/b/file) == b ]] || fail "the other instance leads nowhere"
	ra 0 restore shared=/d0/vz.new paths=/srv/b
	for paths in "/srv/c /srv/c.new" "/srv/c.new /srv/c"; do
		rm -rf /srv/c* /d0/vz/srv/c*
		mkdir -p /srv/c/ct /srv/c.new/ct /d0/vz/srv/c/mail /d0/vz/srv/c.new/mail
		ra 0 start standby=local "paths=$paths"
		ra 0 stop standby=local "paths=$paths"
		[[ -d /srv/c/ct && -d /srv/c.new/ct ]] || fail "not the local ones"
		ra 0 restore "paths=$paths"
	done
}

# A program that saves by renaming puts a file where our link was: the newest is here.
case_saved_by_renaming()
{
	echo old >$P
	ra 0 start seed=copy
	echo edit >/srv/new && mv -T /srv/new $P
	monitor 0 && monitor 190
	says "if it is the newer one, copy it to $S first"
	HA_LOGFILE=/tmp/ra.log ra 0 start
	must grep -q "$P: is newer than $S" /tmp/ra.log
	rm /tmp/ra.log
	[[ $(cat $A.vzha-local.*) == edit ]] || fail "lost"
}

# The shared disk is a new one.
case_lost()
{
	full
	ra 0 start seed=copy
	ra 0 stop
	umount /d0 && mount -t tmpfs new /d0 && mkdir /d0/vz
	ra 1 start
	says "what this node had is $A.vzha-local, and \`vzroot-relocation restore\` brings it back"
	ra 0 restore
	[[ $(tree $P) == "$before" ]] || fail "not restored"
	ra 0 seed
	ra 0 start
	[[ $(<$P/file) == mine ]] || fail "not there"
}

# Made by hand, in another layout: the content is where the link leads to.
case_other_layout()
{
	local there command

	for there in none empty; do
		clean_slate
		mkdir -p /d0/lxc && echo mail >/d0/lxc/box && ln -s ../d0/lxc $P
		[[ $there == none ]] || mkdir -p $S
		ra 1 start
		says "$P: is a link to /d0/lxc, with "
		command=${reason#*\`}
		command=${command%\`*}
		[[ $command == "mkdir -p ${S%/*} && mv -T /d0/lxc $S && rm $P" ]] || fail "advice: $command"
		eval "$command" || fail "the advice does not work"
		ra 0 start
		[[ $(<$P/box) == mail ]] || fail "not there"
	done
	clean_slate
	mkdir -p /d0/vz && ln -s /nowhere $P
	ra 1 start
	says "which cannot be reached"
}

# Separated by what other programs take.
case_separators()
{
	local paths

	full
	mkdir /srv/q
	for paths in "$P,/srv/q" "$P, /srv/q" "$P:/srv/q" "$P;/srv/q" "$P /srv/q,"; do
		ra 6 start seed=copy "paths=$paths"
		says "separated by blanks"
		[[ $(tree $P) == "$before" ]] || fail "changed"
	done
	mkdir $P,x && ra 0 start "paths=$P,x" && ra 0 stop "paths=$P,x" && ra 0 restore "paths=$P,x"
	OCF_CHECK_LEVEL=10 ra 0 validate-all paths=/srv/misspelt
	must grep -q "/srv/misspelt: nothing is there, nor at /d0/vz/srv/misspelt" "$out"
}

# Both nodes have containers, and the other one's are on the shared tree: this node's are named.
case_only_here()
{
	mkdir -p $P/{dbms,both} $S/{mail,both}
	OCF_CHECK_LEVEL=10 ra 0 validate-all
	must grep -q "$P: .* only here, and not on the shared tree: dbms$" "$out"
	HA_LOGFILE=/tmp/ra.log ra 0 start
	must grep -q "$P: this node has what the shared tree has not, and no longer shows it: dbms$" /tmp/ra.log
	rm /tmp/ra.log
}

# Of an earlier version, which had no dot in its names.
case_names_without_a_dot()
{
	local name

	mkdir -p $P/own/rootfs $S/mail && echo mine >$P/own/config
	ra 0 start standby=local
	ra 0 stop standby=local
	mv $A.vzha-local $P.vzha-local && ln -sfn $P.vzha-local /run/vzha/standby/d0-vz$P
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ $(<$P/own/config) == mine && ! -e $P.vzha-local ]] || fail "not the local one"
	mkdir $P.vzha-local && echo older >$P.vzha-local/file
	ra 0 start standby=local
	[[ $(cat $A.vzha-local.*/file) == older && ! -e $P.vzha-local ]] || fail "two of them"
	for name in seeding seeded restored local local.20260101T000000Z; do
		clean_slate
		full
		ra 0 start seed=copy
		ra 0 stop
		mv $A.vzha-local $P.vzha-$name
		umount /d0
		ra 0 restore
		case $name in
		local.*) must test -f $A.vzha-$name/file ;;
		*) [[ $(tree $P) == "$before" && $(ls -A /srv) == vz ]] || fail "$name: not restored: $(ls -A /srv)" ;;
		esac
	done
}

# The parameter shared has another value.
case_shared_renamed()
{
	full
	ra 0 start seed=copy
	ra 0 stop
	mkdir /d0/new
	ra 1 start shared=/d0/new
	says "is vzha's link for another shared directory (/run/vzha/root/d0-vz$P)"
	ra 1 restore shared=/d0/new
	says "is vzha's link for another shared directory"
	rm $P
	HA_LOGFILE=/tmp/ra.log ra 0 start shared=/d0/new
	must grep -q "but $A.vzha-local is here: what was there once" /tmp/ra.log
	rm /tmp/ra.log
	ra 0 stop shared=/d0/new
	ra 0 restore
	ra 0 start shared=/d0/new seed=copy
	[[ $(<$P/file) == mine ]] || fail "not there"
}

# Seeded, interrupted, and removed from the shared tree since: people know what is right, and how to say so.
case_removed_since()
{
	full
	runner=(strace -f -o /tmp/at.trace -e inject=renameat2:error=ENOSPC:when=4)
	ra 0 start seed=copy
	runner=()
	ra 0 stop
	rm -r $S
	ra 1 start seed=copy
	says "$A.vzha-seeded: is there"
	says "move away what is at $P now (remove it if it is a link), then rename this to that"
	rm $P
	mv $A.vzha-seeded $P
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
}

# By hand under the machine's own name, and then by the cluster under another.
case_two_names()
{
	full
	ln -s ../../nowhere $P/zz
	ra 1 start seed=copy
	must test -f /d0/vz/.vzha-seed/begun
	rm $P/zz
	ra 0 start seed=copy CRM_meta_on_node=other
	[[ $(<$P/file) == mine ]] || fail "not seeded"
}

cases "$@"
