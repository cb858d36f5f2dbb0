#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-use.sh [CASE...]: in use, several instances, packages, restore.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

kill_it() { kill -KILL "$(pidof vzroot-relocation)"; }

case_open_file()
{
	full
	sleep 300 3<>$P/file &
	refused "pid $! (sleep) has a file open"
	kill $!
	wait $! 2>/dev/null
	ra 0 start seed=copy
}

# A real one: named while it runs at P, and while it runs on the shared tree and the node becomes passive.
case_container()
{
	mkdir -p $P
	lxc-create -t busybox -n mail -P $P >/dev/null || fail lxc-create
	sed -i '/^lxc.net/d' $P/mail/config
	lxc-start -n mail -P $P || fail lxc-start
	ra 1 start seed=copy
	says "(init) in container mail has a part of it mounted"
	must_not test -L $P
	lxc-stop -k -n mail -P $P
	ra 0 start seed=copy
	lxc-start -n mail -P $P || fail "it does not start on the shared tree"
	rm -f /tmp/ra.log
	HA_LOGFILE=/tmp/ra.log ra 0 stop
	must grep -q "/d0/vz: still used by .*(init) in container mail has a part of it mounted" /tmp/ra.log
	ra 0 start
	lxc-stop -k -n mail -P $P
	rm /tmp/ra.log
}

# The path of one container: what is kept beside it is none for LXC, whatever it is there for.
case_container_as_a_path()
{
	mkdir -p $P
	lxc-create -t busybox -n mail -P $P >/dev/null || fail lxc-create
	ra 0 start seed=copy paths=$P/mail
	must test -f $P/.mail.vzha-local/config
	[[ $(lxc-ls -1 -P $P) == mail ]] || fail "lxc-ls: $(lxc-ls -1 -P $P)"
	ra 0 stop paths=$P/mail
	[[ -z $(lxc-ls -1 -P $P) ]] || fail "lxc-ls: $(lxc-ls -1 -P $P)"
	ra 0 start paths=$P/mail
	at syncfs kill_it
	ra 137 restore paths=$P/mail
	must test -f $P/.mail.vzha-restore/config
	[[ -z $(lxc-ls -1 -P $P) ]] || fail "lxc-ls: $(lxc-ls -1 -P $P)"
	ra 0 restore paths=$P/mail
	[[ $(lxc-ls -1 -P $P) == mail ]] || fail "lxc-ls: $(lxc-ls -1 -P $P)"
}

# Neither has the file in its own entry of /proc.
case_threads()
{
	local how

	full
	for how in first own; do
		coproc "$VZHA_BINARY_DIR/test/vzroot-relocation-thread" $how $P/file
		read -r _ <&"${COPROC[0]}"
		refused "pid $COPROC_PID (vzroot-relocati) has a file open"
		kill "$COPROC_PID"
		wait "$COPROC_PID" 2>/dev/null
	done
	ra 0 start seed=copy
}

case_cwd()
{
	full
	(cd $P && exec sleep 300) &
	sleep 0.2
	refused "works in it"
	kill $!
	wait $! 2>/dev/null
}

case_mount_below()
{
	full
	mkdir $P/m
	before=$(tree $P)
	mount -t tmpfs x $P/m
	ra 1 start seed=copy
	says "mount on $P/m"
	umount $P/m
	mkdir /srv/view
	mount --bind $P /srv/view
	refused "mount on /srv/view"
	umount /srv/view
	ra 0 start seed=copy
}

# A service with its own mount namespace that has a part of the tree, unseen from here.
case_mount_elsewhere()
{
	full
	mkdir /srv/view
	unshare --mount --propagation private bash -c "mount --bind $P /srv/view; exec sleep 300" &
	for _ in {1..50}; do
		[[ $(cat /proc/$!/comm 2>/dev/null) == sleep ]] && break
		sleep 0.1
	done
	refused "has a part of it mounted"
	kill $!
	wait $! 2>/dev/null
}

# And one that has something of its own at the place, with nothing open.
case_mount_on_it_elsewhere()
{
	mkdir -p $P $S /srv/own && echo shared >$S/file
	unshare --mount --propagation private bash -c "mount --bind /srv/own $P; exec sleep 300" &
	for _ in {1..50}; do
		[[ $(cat /proc/$!/comm 2>/dev/null) == sleep ]] && break
		sleep 0.1
	done
	ra 1 start
	says "pid $! (sleep) has something mounted on it"
	must_not test -L $P
	ra 0 stop
	kill $!
	wait $! 2>/dev/null
	ra 0 start
}

# holds FILE: somebody has it open, in a mount namespace of his own when there is a second word
holds()
{
	${2:+unshare --mount --propagation private} bash -c "exec sleep 300 3<$1" &
	for _ in {1..50}; do
		[[ $(cat /proc/$!/comm 2>/dev/null) == sleep ]] && return
		sleep 0.1
	done
	fail "nobody holds $1"
}
lets_go()
{
	kill $!
	wait $! 2>/dev/null
}

# The filesystem that the tree is on has other names, here and in other namespaces.
case_mount_of_what_is_above()
{
	mount -t tmpfs local /srv
	full
	mkdir /run/view
	mount --bind /srv /run/view
	holds /run/view/vz/file
	refused "pid $! (sleep) has a file open"
	lets_go
	holds /run/view/vz/file elsewhere
	umount /run/view
	refused "pid $! (sleep) has a file open"
	lets_go
	ra 0 start seed=copy
	rm -r /run/view
}

case_link_on_the_way()
{
	mkdir /srv/real && ln -s real /srv/way
	P=/srv/way/vz S=/d0/vz/srv/way/vz
	full
	holds /srv/real/vz/file
	refused "pid $! (sleep) has a file open"
	lets_go
	mount -t tmpfs x /srv/way/vz && echo x >/srv/way/vz/file
	before=$(tree $P)
	refused "mount on /srv/real/vz"
	umount /srv/real/vz
	ra 0 start seed=copy
	[[ $(cat $S/file) == mine ]] || fail "not seeded"
	P=/srv/vz S=/d0/vz/srv/vz
}

# What is written to it goes to the tree, and no process shows that.
case_overlay()
{
	mount -t tmpfs local /srv
	full
	mkdir -p "$P/a:b" $P/upper $P/work /srv/low /srv/view
	before=$(tree $P)
	mount -t overlay x -o "lowerdir=/srv/low:$P/a\\:b" /srv/view || fail "no overlay"
	refused "overlay on /srv/view"
	umount /srv/view
	mount -t overlay x -o lowerdir=/srv/low,upperdir=$P/upper,workdir=$P/work /srv/view || fail "no overlay"
	before=$(tree $P)
	refused "overlay on /srv/view"
	umount /srv/view
	unshare --mount --propagation private bash -c \
		"mount -t overlay x -o lowerdir=$P/upper:/srv/low /srv/view; exec sleep 300" &
	sleep 0.5
	before=$(tree $P)
	refused "pid $! (sleep) has a part of it mounted"
	lets_go
	ra 0 start seed=copy
}

case_loop()
{
	full
	truncate -s 1M $P/image
	dev=$(losetup --show -f $P/image) || fail losetup
	before=$(tree $P)
	refused "$dev on $P/image"
	losetup -d "$dev"
}

# Opens, writes and closes all the time: /proc shows it rarely, the times always.
case_writer()
{
	local pid i

	full
	for i in {1..200}; do echo "$i" >$P/$i; done
	(
		i=0
		while [[ ! -L $P ]]; do
			i=$((i + 1))
			echo "$i" 2>/dev/null >>$P/growing && echo "$i" >/tmp/last
		done
	) &
	pid=$!
	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
		OCF_RESKEY_CRM_meta_timeout=20000 "$agent" start >"$out" 2>&1
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	if [[ -L $P ]]; then
		# The last one may have gone there by our link already.
		diff <(tree $S | grep -v growing) <(tree $A.vzha-local | grep -v growing) ||
			fail "the copy is not the original"
		must cmp -n "$(stat -c %s $A.vzha-local/growing)" $S/growing $A.vzha-local/growing
		[[ $(tail -n 1 $S/growing) == "$(</tmp/last)" ]] || fail "the last one is lost"
	else
		must test -s $P/growing
		must_not test -e $S
	fi
}

case_other_node_began()
{
	full
	mkdir -p /d0/vz/.vzha-seed/srv-vz.tree
	echo "othernode 11111111-1111-1111-1111-111111111111 1 0 0" >/d0/vz/.vzha-seed/begun
	refused "othernode has begun"
	must test -d /d0/vz/.vzha-seed/srv-vz.tree
	# Committed by the dead node: this one finishes it.
	echo theirs >/d0/vz/.vzha-seed/srv-vz.tree/file
	echo $P >/d0/vz/.vzha-seed/commit
	ra 0 start
	[[ $(cat $S/file) == theirs ]] || fail "not rolled forward"
	[[ $(cat $A.vzha-local/file) == mine ]] || fail "our own content is not kept"
	must_not test -e /d0/vz/.vzha-seed
}

# What it seeded beside our path, ahead of time, keeps nothing from running here; nor is it thrown away.
case_other_node_began_another_path()
{
	mkdir -p $S && echo shared >$S/file
	mkdir -p /d0/vz/.vzha-seed/etc-vz.tree
	echo "othernode 11111111-1111-1111-1111-111111111111 1 0 0" >/d0/vz/.vzha-seed/begun
	ra 0 start
	[[ $(cat $P/file) == shared ]] || fail "the shared content is not there"
	must test -d /d0/vz/.vzha-seed/etc-vz.tree
	ra 0 stop
	# But two nodes do not seed at once.
	rm -rf $S $P
	full
	ra 1 start seed=copy
	says "othernode has begun"
	must test -d /d0/vz/.vzha-seed/etc-vz.tree
}

# A copy of an earlier boot may have sizes and times but no data: never built upon.
case_earlier_boot()
{
	full
	mkdir -p /d0/vz/.vzha-seed/srv-vz.tree
	printf 'XXXX\n' >/d0/vz/.vzha-seed/srv-vz.tree/file
	touch -r $P/file /d0/vz/.vzha-seed/srv-vz.tree/file
	echo "$(uname -n) 11111111-1111-1111-1111-111111111111 9999999999 0 0" \
		>/d0/vz/.vzha-seed/begun
	ra 0 start seed=copy
	[[ $(cat $S/file) == mine ]] || fail "built upon an earlier boot's copy"
}

# What the user's own names hold under the names that we use is kept as well; what could be the only original of an
# unfinished seed, and P made anew, is for people to tell apart.
case_names_taken()
{
	full
	mkdir $A.vzha-local $A.vzha-seeding && echo theirs >$A.vzha-local/x && echo theirs >$A.vzha-seeding/y
	ra 1 start seed=copy
	says "$A.vzha-seeding: is there"
	[[ $(tree $P) == "$before" && $(<$A.vzha-seeding/y) == theirs ]] || fail "changed"
	mv $A.vzha-seeding $P.theirs
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
	[[ $(cat /srv/.vz.vzha-*/x) == theirs ]] || fail "lost"
	[[ $(cat /srv/.vz.vzha-*/file) == mine ]] || fail "the original is lost"
}

# However many there are in one second.
case_names_taken_in_this_second()
{
	local i

	mkdir -p $S && echo x >$S/file
	for i in {-2..20}; do
		mkdir -p "$A.vzha-local$(date -u -d "$i seconds" +.%Y%m%dT%H%M%SZ)" $A.vzha-local
	done
	full
	ra 0 start
	[[ $(cat /srv/.vz.vzha-local.*.1/file) == mine ]] || fail "the original is lost"
}

case_immutable_top()
{
	full
	chattr +i $P || fail chattr
	before=$(tree $P)
	ra 1 start seed=copy
	says "cannot be replaced"
	[[ $(tree $P) == "$before" ]] || fail "changed"
	ra 0 stop
	chattr -i $P
	ra 0 start seed=copy
}

# dpkg puts a package's directory on a passive node; then the node becomes active.
case_package()
{
	mkdir -p $S && echo theirs >$S/file
	ra 0 start
	ra 0 stop
	mkdir -p /tmp/pkg/DEBIAN /tmp/pkg$P
	echo packaged >/tmp/pkg$P/shipped
	printf 'Package: vzha-test\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\nDescription: x\n' \
		>/tmp/pkg/DEBIAN/control
	dpkg-deb -b /tmp/pkg /tmp/pkg.deb >/dev/null || fail dpkg-deb
	dpkg -i /tmp/pkg.deb >/dev/null 2>&1 || fail "dpkg on a passive node"
	dpkg -i /tmp/pkg.deb >/dev/null 2>&1 || fail "dpkg again"
	ra 0 start
	monitor 0
	[[ $(ls $P) == file ]] || fail "the package's file is on the shared tree"
	ra 0 stop
	# Boot without our link's target, then the package: a real directory where our link was.
	rm -rf /run/vzha
	dpkg -i /tmp/pkg.deb >/dev/null 2>&1 || fail "dpkg on a dangling link"
	ra 0 start
	monitor 0
	[[ $(cat $P/file) == theirs ]] || fail "not the shared tree"
	ra 0 stop
	dpkg --purge vzha-test >/dev/null 2>&1 || fail "purge"
	[[ $(cat $S/file) == theirs ]] || fail "purging a package emptied the shared tree"
}

# A node whose /run is full must become passive all the same, and active again.
case_no_room_for_the_switch()
{
	mkdir -p /run/vzha/root
	mount -t tmpfs -o nr_inodes=3 root /run/vzha/root || fail "no tmpfs"
	full
	ra 0 start seed=copy
	touch /run/vzha/root/filler
	ra 0 stop
	must_not test -e $P/file
	ra 7 monitor
	ra 0 start
	must test -e $P/file
	ra 0 stop
	ra 7 monitor
	umount /run/vzha/root
}

# Two volumes, two instances, on one node; each with files of its own.
case_instances()
{
	full
	mkdir -p /srv/d1 /srv/vz2 && echo two >/srv/vz2/file && mount -t tmpfs d1 /srv/d1
	ra 0 start seed=copy
	ra 0 start seed=copy shared=/srv/d1/vz paths=/srv/vz2
	ra 0 stop
	ra 7 monitor
	ra 0 monitor shared=/srv/d1/vz paths=/srv/vz2
	[[ $(cat /srv/vz2/file) == two ]] || fail "the other instance was switched too"
	ra 0 stop shared=/srv/d1/vz paths=/srv/vz2
}

# Two at a time: the second waits or says so, and nothing is done twice.
case_together()
{
	local i

	full
	mkdir -p /run/vzha/lock
	exec 8>/run/vzha/lock/d0-vz
	flock 8
	ra 1 start seed=copy CRM_meta_timeout=2000
	says "is at work"
	ra 0 stop CRM_meta_timeout=2000
	exec 8>&-
	for i in {1..100}; do echo "$i" >$P/$i; done
	before=$(tree $P)
	for i in 1 2 3; do
		env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P \
			OCF_RESKEY_seed=copy "$agent" start >/dev/null 2>&1 &
	done
	wait
	[[ $(tree $S) == "$before" && $(tree $A.vzha-local) == "$before" ]] || fail "not exact"
	[[ $(ls -A /srv) == $'.vz.vzha-local\nvz' ]] || fail "$(ls /srv)"
}

# What a person mistypes must not mean the default.
case_mistyped()
{
	local command wrong

	full
	for command in seed restore status; do
		for wrong in "path=$P" "$P" "sharde=/d0/vz"; do
			OCF_ROOT=/usr/lib/ocf "$agent" $command shared=/d0/vz "$wrong" >"$out" 2>&1
			[[ $? == 2 ]] || fail "$command $wrong: not refused"
			must grep -q "$wrong: no such argument; there are shared=, paths=, device=" "$out"
		done
	done
	[[ $(tree $P) == "$before" && ! -e /run/vzha/root ]] || fail "changed"
}

cases "$@"
