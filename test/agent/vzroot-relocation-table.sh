#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2317,SC2086 # the cases are called by name; no blanks in our names
#
# vzroot-relocation-table.sh: the manual page's table, row by row: what lies here, what on the shared
# tree, and what start, monitor, probe and stop make of it.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

SWITCHED=/run/vzha/root/d0-vz$P

make_local()
{
	case $1 in
	absent) ;;
	empty) mkdir $P ;;
	full) mkdir $P && echo mine >$P/file ;;
	file) echo mine >$P ;;
	ours) ln -s "$SWITCHED" $P ;;
	hand) ln -s $S $P ;;
	foreign) ln -s /elsewhere $P ;;
	other) mkfifo $P ;;
	esac
}

make_shared()
{
	mkdir -p "${S%/*}"
	case $1 in
	absent) ;;
	empty) mkdir $S ;;
	full) mkdir $S && echo theirs >$S/file ;;
	file) echo theirs >$S ;;
	other) ln -s /elsewhere $S ;;
	esac
}

# row LOCAL SHARED START: the step's name as in the manual page
row()
{
	local local=$1 shared=$2 step=$3 wanted=0 before_local before_shared seed=refuse

	case="row $1/$2"
	clean_slate
	make_local "$local"
	make_shared "$shared"
	before_local=$(tree $P)
	before_shared=$(tree $S)
	[[ $step != refuse-* ]] || wanted=1
	[[ $step != seed ]] || seed=copy
	ra 7 monitor
	[[ $(tree $P) == "$before_local" ]] || fail "the probe changed something"
	ra $wanted start seed=$seed
	if ((wanted)); then
		[[ $(tree $P) == "$before_local" && $(tree $S) == "$before_shared" ]] ||
			fail "a refusal changed something"
		must_not test -e $A.vzha-local
		ra 7 monitor
		ra 0 stop
		[[ $(tree $P) == "$before_local" && $(tree $S) == "$before_shared" ]] ||
			fail "stop after a refusal changed something"
		return
	fi
	monitor 0
	case $step in
	skip) must_not test -e $P -o -L $P ;;
	*) [[ $(readlink $P) == "$SWITCHED" ]] || fail "$P is not our link" ;;
	esac
	case $step in
	set-aside | seed) [[ $(tree $A.vzha-local) == "$before_local" ]] || fail "not kept" ;;
	*) must_not test -e $A.vzha-local ;;
	esac
	case $step in
	seed) [[ $(tree $S) == "$before_local" ]] || fail "not seeded" ;;
	make) must test -d $S ;;
	*) [[ $(tree $S) == "$before_shared" ]] || fail "the shared side changed" ;;
	esac
	must_not test -e /d0/vz/.vzha-seed
	ra 0 stop
	ra 7 monitor
	if [[ $step != skip ]]; then
		[[ $(readlink $P) == "$SWITCHED" ]] || fail "stop removed our link"
		must test -e $P
		[[ -f $P ]] || [[ -z $(ls -A $P) ]] || fail "the passive node sees something"
	fi
	ra 0 start seed=$seed
	monitor 0
}

row absent absent skip
for shared in empty full file; do row absent $shared link; done
row empty absent make
row empty empty replace
row empty full replace
row full absent refuse-seed
row full empty refuse-seed
row full full set-aside
row file absent refuse-seed
row file file set-aside
row full absent seed
row full empty seed
row file absent seed
for shared in empty full; do row file $shared refuse-kind; done
for shared in file other; do row empty $shared refuse-kind; row full $shared refuse-kind; done
row file other refuse-kind
row absent other refuse-kind
row ours absent refuse-lost
for shared in empty full file; do row ours $shared keep; done
row ours other refuse-kind
row hand absent refuse-link
for shared in empty full file; do row hand $shared adopt; done
row hand other refuse-kind
for shared in absent empty full file other; do
	row foreign $shared refuse-link
	row other $shared refuse-kind
done
echo "ok: every row"
