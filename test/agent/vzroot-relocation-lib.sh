# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034 # variables for the cases
#
# vzroot-relocation-lib.sh - the agent in a throw-away node, /d0 a filesystem of its own
#
#	ra WANTED ACTION [NAME=VALUE...]	run the agent; its exit code must be WANTED
#	says TEXT				the last reason has it
#	tree PATH				the tree as text, for comparing (content and all metadata)
#	at CALL COMMAND...			the next ra stops at a system call (syncfs, or syncfs:when=2), COMMAND
#						is run, and it goes on
#	cases [CASE...]				run these, or every function case_*, each on a clean slate
#
# One path, $P (/srv/vz), and what is beside it is $A.vzha-...; the shared tree is /d0/vz.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi

agent=/usr/lib/ocf/resource.d/vzha/vzroot-relocation
P=/srv/vz
A=/srv/.vz
S=/d0/vz/srv/vz
runner=() # a program that runs the agent
meanwhile= # what is done while it is stopped
out=/tmp/vzroot-relocation.out
reason=
case=

[[ -x $agent ]] || {
	echo "no $agent: is VZHA_STAGE set and filled?" >&2
	exit 1
}

fail()
{
	echo "FAILED in $case: $*"
	[[ -z $reason ]] || echo "  last reason: $reason"
	ls -la /srv /d0 /d0/vz /d0/vz/srv /run/vzha/root 2>/dev/null
	exit 1
}
must() { "$@" || fail "not true: $*"; }
must_not() { ! "$@" || fail "true: $*"; }
says() { [[ $reason == *"$1"* ]] || fail "the reason does not say '$1'"; }
tree() { "$VZHA_BINARY_DIR/test/vzroot-relocation-every-call" print "$1"; }

at()
{
	local trace=/tmp/at.trace call=$1

	[[ $call == *:when=* ]] || call+=:when=1
	rm -f $trace
	runner=(strace -f -o "$trace" -e "trace=${call%%:*}" -e "inject=$call:signal=STOP")
	shift
	(
		until grep -qs 'stopped by SIGSTOP' $trace; do sleep 0.01; done
		"$@" || exit 1
		pid=$(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' $trace | head -n 1)
		# More than once: strace may not yet have left it to its stop.
		while kill -CONT "$pid" 2>/dev/null && ! grep -q SIGCONT $trace; do sleep 0.05; done
		true
	) &
	meanwhile=$!
}
meanwhile_done()
{
	[[ $meanwhile ]] || return 0
	runner=()
	grep -q 'stopped by SIGSTOP' /tmp/at.trace || kill "$meanwhile"
	wait "$meanwhile" || fail "nothing was done meanwhile"
	meanwhile=
}

ra()
{
	local wanted=$1 action=$2 got

	shift 2
	env OCF_ROOT=/usr/lib/ocf OCF_RESOURCE_INSTANCE=vzroot OCF_RESKEY_crm_feature_set=3.16.1 \
		OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths="$P" \
		"${@/#/OCF_RESKEY_}" "${runner[@]}" "$agent" "$action" >"$out" 2>&1
	got=$?
	reason=$(grep '^ocf-exit-reason:' "$out" || true)
	meanwhile_done
	[[ $got == "$wanted" ]] || {
		cat "$out"
		fail "$action: exit $got, not $wanted"
	}
	case $got in
	0 | 7 | 137) [[ -z $reason ]] || fail "$action: exit $got with a reason" ;;
	*) [[ $(grep -c '^ocf-exit-reason:' "$out") == 1 ]] || fail "$action: not one reason" ;;
	esac
}
monitor() { ra "$1" monitor CRM_meta_interval=10000 "${@:2}"; }

# What only this node has. Then refused TEXT: a start that says so, and has changed nothing.
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

clean_slate()
{
	local mount

	for mount in $(findmnt -rn -o TARGET | grep -E '^/(d0|srv)' | sort -r); do
		umount "$mount" || fail "cannot unmount $mount"
	done
	chattr -R -f -i -a /srv 2>/dev/null
	rm -rf /srv /d0 /run/vzha /etc/tmpfiles.d/vzha-*
	mkdir -p /srv /d0/vz
	mount -t tmpfs shared /d0 || fail "no tmpfs"
}

cases()
{
	local all

	if (($#)); then
		all=("$@")
	else
		mapfile -t all < <(compgen -A function case_)
	fi
	((${#all[@]})) || fail "no case"
	for case in "${all[@]}"; do
		declare -F "$case" >/dev/null || fail "no such case"
		reason=
		clean_slate
		"$case"
		echo "ok: $case"
	done
}
