#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-standby.sh [CASE...]: what the paths lead to while the node is passive.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

# What was seeded from here is old from then on, by whatever name the shared tree has it now.
case_seeded_does_not_stand_in()
{
	mkdir -p $P/101/rootfs && echo old >$P/101/file
	ra 0 start seed=copy standby=local
	mv $S/101 $S/201
	ra 0 stop standby=local
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ -z $(ls $P) ]] || fail "a stale container can be started: $(ls $P)"
	umount /d0
	ra 0 restore standby=local
	[[ $(<$P/101/file) == old ]] || fail "not restored"
	must_not getfattr -n trusted.vzha.seeded $P 2>/dev/null
	mount -t tmpfs shared /d0 && mkdir -p $S/201/rootfs
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ -z $(ls $P) ]] || fail "a stale container can be started: $(ls $P)"
}

# A container that somebody makes on the passive node would be gone with the next boot.
case_written_while_passive()
{
	mkdir -p $S && echo shared >$S/file
	ra 0 start
	ra 0 stop
	HA_LOGFILE=/tmp/ra.log ra 0 start
	must_not grep -qs "while this node was passive" /tmp/ra.log
	ra 0 stop
	mkdir $P/new && echo x >$P/new/config
	HA_LOGFILE=/tmp/ra.log ra 0 start
	must grep -q "$P: 1 entries were written there while this node was passive" /tmp/ra.log
	must test -f /run/vzha/standby/d0-vz$P/new/config
	[[ $(cat $P/file) == shared && ! -e $P/new ]] || fail "not the shared tree"
}

# The same for a file; and no stand-in that holds something is exchanged for another.
case_file_written_while_passive()
{
	echo mine >$P
	mkdir -p "${S%/*}" && echo shared >$S
	ra 0 start
	ra 0 stop
	echo stray >$P
	rm -f /tmp/ra.log
	HA_LOGFILE=/tmp/ra.log ra 0 start standby=local
	must grep -q "$P: .* written there while this node was passive" /tmp/ra.log
	[[ $(</run/vzha/standby/d0-vz$P) == stray && $(<$P) == shared ]] || fail "lost"
	: >/run/vzha/standby/d0-vz$P
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ $(<$P) == mine ]] || fail "not the local one"
	rm /tmp/ra.log
}

# This node's own containers are there while it is passive, unless one is on the shared tree as well.
case_standby_local()
{
	mkdir -p $P/dev && echo dev >$P/dev/config
	mkdir -p $S/mail && echo shared >$S/mail/config
	ra 0 start standby=local
	[[ -e $P/mail && ! -e $P/dev ]] || fail "not the shared tree"
	ra 0 stop standby=local
	monitor 7 standby=local
	[[ $(cat $P/dev/config) == dev && ! -e $P/mail ]] || fail "not the local one"
	must test -L $P
	# The boot makes it so as well.
	rm -rf /run/vzha
	must systemd-tmpfiles --create "$(ls /etc/tmpfiles.d/vzha-*.conf)"
	[[ $(cat $P/dev/config) == dev ]] || fail "not after a boot"
	ra 0 stop standby=local
	[[ $(cat $P/dev/config) == dev ]] || fail "not after the stop that follows"
	ra 0 start standby=local
	[[ $(cat $P/mail/config) == shared ]] || fail "not the shared tree"
	# Somebody moves dev to the cluster as well: the copy here is stale.
	cp -a $A.vzha-local/dev $P/
	OCF_CHECK_LEVEL=10 ra 0 validate-all standby=local
	grep -q "dev is in $A.vzha-local and on the shared tree" "$out" || fail "validate-all does not say so"
	ra 0 stop standby=local
	HA_LOGFILE=/tmp/ra.log ra 0 start standby=local
	grep -q "dev is on the shared tree too" /tmp/ra.log || fail "start does not say so"
	ra 0 stop standby=local
	[[ -d $P && -z $(ls -A $P) ]] || fail "a stale copy can be started"
	rm -r $A.vzha-local/dev && mkdir -p $A.vzha-local/other
	ra 0 start standby=local
	ra 0 stop standby=local
	must test -d $P/other
	# Taken back, and what is set aside gone.
	ra 0 start standby=local
	ra 0 start standby=link
	ra 0 stop standby=link
	[[ -d $P && -z $(ls -A $P) ]] || fail "standby=link shows the local one"
	ra 0 start standby=local
	rm -r $A.vzha-local
	ra 0 stop standby=local
	[[ -d $P && -z $(ls -A $P) ]] || fail "it dangles"
}

# What could be started on both nodes: a container that is the path, or lies deeper, or is an image.
case_standby_conflicts()
{
	local both what

	for both in config rootfs/etc lxc/mail/config a/b/mail/config private/101/etc ct/101/root.hdd/image \
		images/mail.img; do
		clean_slate
		for what in $P $S; do
			mkdir -p "$(dirname $what/$both)" $what/etc
			truncate -s 2M $what/$both
			echo same >$what/etc/small.conf
		done
		echo mine >$P/own
		ra 0 start standby=local
		ra 0 stop standby=local
		[[ -d $P && -z $(ls -A $P) ]] || fail "a stale copy can be started: $both"
		OCF_CHECK_LEVEL=10 ra 0 validate-all standby=local
		must grep -q "standby=local: .* on the shared tree: that path stays empty" "$out"
	done
	# Moved to a larger disk, with a link in its place.
	clean_slate
	mkdir -p /srv/big/mail $P $S/mail && echo x >/srv/big/mail/config && ln -s /srv/big/mail $P/mail
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ -d $P && -z $(ls -A $P) ]] || fail "a stale copy can be started by a link"
	# The same configuration, and templates, are none.
	clean_slate
	for what in $P $S; do
		mkdir -p $what/{private,root,template/cache}
		truncate -s 2M $what/template/cache/debian.tar.gz
		echo same >$what/vz.conf
	done
	mkdir $P/private/102 $S/private/101
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ -d $P/private/102 ]] || fail "this node's own container is not there"
}

# What restore has copied back from the shared tree does not stand in for it.
case_given_back_does_not_stand_in()
{
	mkdir -p $S/mail && echo mail >$S/mail/config
	ra 0 start standby=local
	ra 0 restore standby=local
	ra 0 start standby=local
	mv $S/mail $S/renamed
	ra 0 start standby=local
	ra 0 stop standby=local
	[[ -d $P && -z $(ls $P) ]] || fail "a stale copy can be started"
}

cases "$@"
