#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-use.sh [CASE...]: in use, the wrong target, several instances, packages, restore.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

full()
{
	mkdir -p $P && echo mine >$P/file
	before=$(tree $P)
}
refused()
{
	ra 1 start seed=copy
	says "$1"
	[[ $(tree $P) == "$before" ]] || fail "changed although refused"
	must_not test -e $S
}

case_open_file()
{
	full
	sleep 300 3<>$P/file &
	refused "pid $! (sleep) has a file open"
	kill $!
	wait $! 2>/dev/null
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
	cp -a $P.vzha-local/dev $P/
	OCF_CHECK_LEVEL=10 ra 0 validate-all standby=local
	grep -q "dev is in $P.vzha-local and on the shared tree" "$out" || fail "validate-all does not say so"
	ra 0 stop standby=local
	HA_LOGFILE=/tmp/ra.log ra 0 start standby=local
	grep -q "dev is on the shared tree too" /tmp/ra.log || fail "start does not say so"
	ra 0 stop standby=local
	[[ -d $P && -z $(ls -A $P) ]] || fail "a stale copy can be started"
	rm -r $P.vzha-local/dev && mkdir -p $P.vzha-local/other
	ra 0 start standby=local
	ra 0 stop standby=local
	must test -d $P/other
	# Taken back, and what is set aside gone.
	ra 0 start standby=local
	ra 0 start standby=link
	ra 0 stop standby=link
	[[ -d $P && -z $(ls -A $P) ]] || fail "standby=link shows the local one"
	ra 0 start standby=local
	rm -r $P.vzha-local
	ra 0 stop standby=local
	[[ -d $P && -z $(ls -A $P) ]] || fail "it dangles"
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

# None of them may be left behind in silence.
case_too_many_paths()
{
	local many long i

	for i in {1..65}; do many+=" /srv/p$i"; done
	long=/srv$(printf '/%0250d' {1..16})$(printf '/%060d' 1)
	ra 6 start "paths=$many"
	says "65 paths, and at most 64"
	ra 6 start "paths=/srv/vz $long"
	says "would be longer than"
	ra 0 stop "paths=$many"
	[[ -z $(ls -A /srv) ]] || fail "some were made all the same"
	ra 0 start "paths=${many% *}"
}

# By a link on the way a path can be on the shared tree already, or be another one.
case_the_same_place()
{
	local before

	mkdir -p /d0/vz/srv/real/vz && echo theirs >/d0/vz/srv/real/vz/file
	ln -s /d0/vz/srv/real /srv/way
	before=$(tree /d0/vz)
	ra 2 start paths=/srv/way/vz
	says "/srv/way/vz: is /d0/vz/srv/real/vz, on the shared tree already"
	ra 2 start paths=/srv/way/new seed=copy
	OCF_CHECK_LEVEL=10 ra 2 validate-all paths=/srv/way/vz
	says "on the shared tree already"
	[[ $(tree /d0/vz) == "$before" ]] || fail "changed although refused"
	rm /srv/way && mkdir -p /srv/real/vz && ln -s real /srv/way && echo mine >/srv/real/vz/file
	before=$(tree /srv)
	ra 2 start "paths=/srv/way/vz /srv/real/vz" seed=copy
	says "/srv/way/vz and /srv/real/vz are the same place"
	ra 2 start "paths=/srv/real /srv/way/vz" seed=copy
	[[ $(tree /srv) == "$before" ]] || fail "changed although refused"
	ra 0 stop "paths=/srv/way/vz /srv/real/vz"
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

# A directory of a lower layer cannot be renamed: refused, and nothing is half done.
case_on_an_overlay()
{
	local before

	mkdir -p /run/low/vz /run/ov && echo mine >/run/low/vz/file
	mount -t tmpfs ov /run/ov && mkdir /run/ov/upper /run/ov/work
	mount -t overlay x -o lowerdir=/run/low,upperdir=/run/ov/upper,workdir=/run/ov/work /srv || fail "no overlay"
	before=$(tree $P)
	ra 1 start seed=copy
	says "cannot be replaced by a link"
	[[ $(tree $P) == "$before" && $(ls -A /srv) == vz ]] || fail "changed although refused"
	ra 0 stop
	[[ $(tree $P) == "$before" && $(ls -A /srv) == vz ]] || fail "changed by the stop"
	umount /srv
	umount /run/ov
	# The shared tree on one is as good as any.
	full
	umount /d0
	mount -t tmpfs ov /run/ov && mkdir -p /run/ov/upper /run/ov/work
	mkdir -p /run/low/vz
	mount -t overlay x -o lowerdir=/run/low,upperdir=/run/ov/upper,workdir=/run/ov/work /d0 || fail "no overlay"
	ra 0 start seed=copy device=x
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
	monitor 0 device=x
	ra 0 stop
	umount /d0 && umount /run/ov && rm -r /run/ov /run/low
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
			echo "$i" 2>/dev/null >>$P/growing
		done
	) &
	pid=$!
	env OCF_ROOT=/usr/lib/ocf OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=$P OCF_RESKEY_seed=copy \
		OCF_RESKEY_CRM_meta_timeout=20000 "$agent" start >"$out" 2>&1
	kill $pid 2>/dev/null
	wait $pid 2>/dev/null
	if [[ -L $P ]]; then
		diff <(tree $S) <(tree $P.vzha-local) || fail "the copy is not the original"
	else
		must test -s $P/growing
		must_not test -e $S
	fi
}

case_target()
{
	local wrong=/d0

	full
	umount /d0
	ra 1 start seed=copy
	says "no filesystem is mounted"
	[[ $(tree $P) == "$before" && -z $(ls -A /d0/vz) ]] || fail "wrote into a bare mount point"
	mount -t tmpfs shared $wrong
	mount -o remount,ro /d0
	ra 1 start seed=copy
	says "read-only"
	mount -o remount,rw /d0
	ra 1 start seed=copy device=/dev/loop7
	says "was expected"
	mkdir /d0/real && ln -s real /d0/vz
	ra 1 start seed=copy
	says "symbolic link"
	[[ -z $(ls -A /d0/real) ]] || fail "wrote through a link"
	rm /d0/vz
	ra 0 start seed=copy device=shared
	monitor 0
	# Another filesystem on top: what is seen now is not what was started with.
	mount -t tmpfs other /d0
	monitor 1 device=shared
	says "was expected"
	umount /d0
	monitor 0 device=shared
	umount -l /d0
	monitor 1
	ra 0 stop
	ra 7 monitor
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
	[[ $(cat $P.vzha-local/file) == mine ]] || fail "our own content is not kept"
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

# What the user's own names hold under the names that we use is kept as well.
case_names_taken()
{
	full
	mkdir $P.vzha-local $P.vzha-seeding && echo theirs >$P.vzha-local/x && echo theirs >$P.vzha-seeding/y
	ra 0 start seed=copy
	[[ $(tree $S) == "$before" ]] || fail "not seeded"
	[[ $(cat /srv/vz.vzha-*/x) == theirs && $(cat /srv/vz.vzha-*/y) == theirs ]] || fail "lost"
	[[ $(cat /srv/vz.vzha-*/file) == mine ]] || fail "the original is lost"
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

case_shared_leads_elsewhere()
{
	full
	mkdir /d0/vz
	ln -s /srv /d0/vz/srv
	refused_here "no links on the way"
	rm /d0/vz/srv
	mkdir -p /d0/vz/srv && mount -t tmpfs x /d0/vz/srv
	refused_here "no other mounts"
	umount /d0/vz/srv
	ra 0 start seed=copy
}
refused_here()
{
	ra 1 start seed=copy
	says "$1"
	[[ $(tree $P) == "$before" ]] || fail changed
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
	kill $!
	wait $! 2>/dev/null
	ra 0 restore
	[[ $(tree $P) == "$after" && $(tree $S) == "$after" ]] || fail "not as on the shared tree"
	[[ $(cat $P.vzha-local/file) == mine ]] || fail "the first original is gone"
	ra 7 monitor
	ra 0 restore
	ra 0 start
	ra 0 stop
	umount /d0
	ra 0 restore
	must_not test -L $P
	[[ -s $P/file ]] || fail "nothing came back"
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
	[[ $(tree $S) == "$before" && $(tree $P.vzha-local) == "$before" ]] || fail "not exact"
	[[ $(ls /srv) == $'vz\nvz.vzha-local' ]] || fail "$(ls /srv)"
}

cases "$@"
