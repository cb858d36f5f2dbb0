#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-places.sh [CASE...]: where the shared tree and the paths really are.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

refused_here()
{
	ra 1 start seed=copy
	says "$1"
	[[ $(tree $P) == "$before" ]] || fail changed
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

# The link itself was removed by hand: what the shared tree has is newer than what was set aside.
case_restore_without_the_link()
{
	mkdir -p $P && echo old >$P/file
	ra 0 start seed=copy
	echo new >$P/file
	ra 0 stop
	rm $P
	ra 0 restore
	[[ $(cat $P/file) == new ]] || fail "$(cat $P/file) is back"
	[[ $(cat $A.vzha-local/file) == old ]] || fail "what was set aside is gone"
	rm -r $P && umount /d0
	ra 0 restore
	[[ $(cat $P/file) == old ]] || fail "not restored"
	must grep -q "was set aside here on" "$out"
}

# After a boot without tmpfiles a program has made the switch a directory, by way of the dead link.
case_switch_is_a_directory()
{
	full
	ra 0 start seed=copy
	rm /run/vzha/root/d0-vz && mkdir -p /run/vzha/root/d0-vz$P && echo stray >/run/vzha/root/d0-vz$P/file
	ra 0 stop
	monitor 7
	[[ $(</run/vzha/root/.d0-vz.strays.1$P/file) == stray ]] || fail "what was there is lost"
	ra 0 start
	[[ $(<$P/file) == mine ]] || fail "not the content"
}

case_names_of_ours()
{
	ra 6 start "paths=$P $A.vzha-new"
	says "names with .vzha-"
}

# Set aside more than once: restore takes the first, and says which others there are.
case_set_aside_twice()
{
	mkdir -p $P && echo first >$P/file
	ra 0 start seed=copy
	ra 0 stop
	ra 0 restore
	mv $P /srv/mine && mkdir $P && echo second >$P/file
	ra 0 start
	ra 0 stop
	ra 7 status
	[[ $(grep -c "set aside: $A.vzha-local" "$out") == 2 ]] || fail "status: $(<"$out")"
	umount /d0
	ra 0 restore
	[[ $(cat $P/file) == first ]] || fail "$(cat $P/file) is back"
	grep -q "set aside later is at $A.vzha-local.2.*Z" "$out" || fail "the later one is not told: $(cat "$out")"
	mount -t tmpfs shared /d0 && mkdir -p $S && echo shared >$S/file
	ra 0 start
	ra 0 stop
	rm -r $A.vzha-local && umount /d0
	ra 0 restore
	grep -q "set aside later is at" "$out" || fail "the only one is not told: $(cat "$out")"
}

# What a closed directory above a path keeps private is private on the shared tree, too.
case_private_above()
{
	mkdir -m 750 /srv/closed && chown 7:8 /srv/closed && mkdir -p /srv/closed/open/{full,empty} &&
		chmod 755 /srv/closed/open && echo secret >/srv/closed/open/full/file
	ra 0 start seed=copy "paths=/srv/closed/open/full /srv/closed/open/empty"
	[[ $(stat -c '%a %u:%g' /d0/vz/srv/closed) == "750 7:8" ]] || fail "the parent is $(stat -c %a /d0/vz/srv/closed)"
	[[ $(stat -c '%a %u:%g' /d0/vz/srv/closed/open) == "755 0:0" ]] || fail "the parent's child is not as it was"
	must [ -d /d0/vz/srv/closed/open/empty ]
	[[ $(cat /srv/closed/open/full/file) == secret ]] || fail "the content is gone"
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

# By a bind mount, too.
case_the_same_place_by_a_mount()
{
	local before

	mkdir -p /d0/vz/srv/bound/vz /srv/bound /d0/vz/other/vz && echo theirs >/d0/vz/srv/bound/vz/file
	before=$(tree /d0/vz)
	for from in srv/bound other; do
		mount --bind /d0/vz/$from /srv/bound || fail "no mount"
		ra 2 start paths=/srv/bound/vz seed=copy
		says "on the shared tree already, by a mount"
		umount /srv/bound
	done
	[[ $(tree /d0/vz) == "$before" ]] || fail "changed although refused"
	mkdir -p /srv/real/vz && echo mine >/srv/real/vz/file && mount --bind /srv/real /srv/bound
	ra 2 start "paths=/srv/bound/vz /srv/real/vz" seed=copy
	says "are the same place"
	umount /srv/bound
}

# What an empty directory has besides entries.
case_empty_with_attributes()
{
	local before

	mkdir -m 2750 $P && setfacl -m u:7:rwx,d:u:8:rx $P && setfattr -n user.k -v v $P && chown 3:4 $P
	before=$(tree $P)
	ra 0 start
	[[ $(tree $S) == "$before" ]] || diff <(echo "$before") <(tree $S) || fail "not exact"
	must_not test -e $A.vzha-local
}

# A shared tree that keeps times to the second (ext3, as long as DRBD volumes live).
case_shared_keeps_seconds()
{
	mkdir -p $P/d && echo mine >$P/d/file && touch -d "2020-01-02 03:04:05.678901234" $P/d/file
	umount /d0 && truncate -s 16M /run/image && mkfs.ext3 -q -I 128 /run/image 2>/dev/null
	mount -o loop /run/image /d0 || fail "no ext3"
	ra 0 start seed=copy
	[[ $(stat -c %y $S/d/file) == "2020-01-02 03:04:05.000000000"* ]] || fail "its times are fine ones"
	diff -r $S $A.vzha-local || fail "not the original"
	ra 0 stop
	ra 0 restore
	diff -r $P $A.vzha-local || fail "not restored"
	umount /d0 && rm /run/image
}

# Told from each other by more than the end of their names.
case_long_paths_with_the_same_end()
{
	local long one two

	long=$(printf 'n%.0s' {1..120})
	one=/srv/a/$long/$long/vz two=/srv/b/$long/$long/vz
	mkdir -p "$one" "$two" && echo AAAA >"$one/file" && echo BBBB >"$two/file"
	ra 0 start seed=copy "paths=$one $two"
	[[ $(<"/d0/vz$one/file") == AAAA && $(<"/d0/vz$two/file") == BBBB ]] || fail "not the originals"
	[[ $(<"$one/file") == AAAA && $(<"$two/file") == BBBB ]] || fail "not at their places"
}

# xfs keeps an ACL as an attribute of its own as well: an old one must not come back that way.
case_acl_from_xfs()
{
	local here=/srv/vz

	truncate -s 512M /run/image
	mkfs.xfs -q -f /run/image || fail "no xfs"
	mount -o loop /run/image /srv || fail "no xfs"
	mkdir -p $here && echo x >$here/file && setfacl -m u:7:rwx,d:u:7:rwx $here && setfacl -m u:7:rw $here/file
	ra 0 start seed=copy
	must_not grep -q SGI_ACL <<<"$(getfattr -R -d -m - $S 2>/dev/null)"
	setfacl -b $S $S/file
	ra 0 restore
	must_not grep -q 'user:7' <<<"$(getfacl -nR $P 2>/dev/null)"
	umount /srv && rm /run/image
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
	ra 6 start "paths=/srv/$(printf 'x%.0s' {1..224})"
	says "its last part is longer than 223 bytes"
	ra 0 start "paths=/srv/$(printf 'x%.0s' {1..223})"
	ra 0 stop "paths=$many"
	[[ -z $(ls -A /srv) ]] || fail "some were made all the same"
	ra 0 start "paths=${many% *}"
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

# A filesystem that answers nothing (here: FUSE without its server): stop leaves it alone.
case_hung_shared_tree()
{
	local server begin

	mkdir -p $S && echo shared >$S/file
	ra 0 start
	# shellcheck disable=SC2016
	python3 -c 'import ctypes, os, time
fd = os.open("/dev/fuse", os.O_RDWR)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fd
if ctypes.CDLL(None).mount(b"hung", b"/d0", b"fuse", 0, options):
	raise SystemExit("no mount")
time.sleep(300)' &
	server=$!
	for _ in {1..50}; do
		findmnt -n -t fuse /d0 >/dev/null && break
		sleep 0.1
	done
	findmnt -n -t fuse /d0 >/dev/null || fail "no FUSE mount"
	timeout 1 stat /d0/vz >/dev/null 2>&1 && fail "it does not hang"
	begin=$SECONDS
	ra 0 stop CRM_meta_timeout=10000
	((SECONDS - begin < 5)) || fail "the stop took $((SECONDS - begin)) s"
	monitor 7
	kill -KILL $server
	wait $server 2>/dev/null
	umount /d0
	ra 0 start
	monitor 0
	ra 0 stop
}

cases "$@"
