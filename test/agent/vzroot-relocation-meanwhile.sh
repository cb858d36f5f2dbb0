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
	[[ $(<$P.vzha-local/d/conf) == NEW-NEW && $(<$P.old/d/conf) == OLD ]] || fail "not the originals"
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
	[[ $(<$S) == NEW && $(<$P.vzha-local) == NEW ]] || fail "the shared tree has $(<$S)"
}

case_attributes_of_the_path_itself()
{
	mkdir -p $P && echo x >$P/file
	sleep 1.1
	at syncfs sh -c "setfattr -n trusted.k -v v $P; setfacl -d -m u:7:rwx $P"
	ra 0 start seed=copy
	[[ $(tree $S) == "$(tree $P.vzha-local)" && $(tree $S) == *trusted.k=v* ]] || fail "not as the original"
}

cases "$@"
