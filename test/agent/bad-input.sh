#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Bad input to all four agents: one clear reason, the right exit code, nothing changed (C6, C9, C10).
# A probe, monitor or stop never bans a node because of a value; start and validate-all may.
# Runs in a throw-away node: in-node bad-input.sh

failures=0
cases=0

# Everything an agent could have touched by mistake.
snapshot()
{
	ip -o link | sed 's/ qlen.*//'
	findmnt -rn -o TARGET,SOURCE
	find /run/vzha /var/lib/lxc /etc/vz /etc/tmpfiles.d /d0 -printf '%p %y %l\n' 2>/dev/null | sort
}

# expect AGENT ACTION CODE [TEXT|-] [VARIABLE=VALUE...]: TEXT must stand in the reason; "-" none asked
expect()
{
	local agent=$1 action=$2 code=$3 text=${4--} out rc reasons before wanted=0
	shift 4

	cases=$((cases + 1))
	before=$(snapshot)
	out=$(env "${RUN_AS[@]}" OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=10000 "$@" \
		"/usr/lib/ocf/resource.d/vzha/$agent" "$action" 2>&1)
	rc=$?
	reasons=$(grep -c '^ocf-exit-reason:' <<<"$out")
	case $code in
	0 | 7) ;;
	*) wanted=1 ;;
	esac
	if [[ $rc != "$code" || $reasons != "$wanted" ]] ||
		[[ $text != - && $(grep '^ocf-exit-reason:' <<<"$out") != *"$text"* ]] ||
		[[ $wanted == 1 && $(tail -n 1 <<<"$out") != ocf-exit-reason:* ]]; then
		echo "not ok: $agent $action $*: exit code $rc, expected $code and \"$text\" in the reason"
		printf '    %s\n' "$out"
		failures=$((failures + 1))
	fi
	[[ $before == "$(snapshot)" ]] || {
		echo "not ok: $agent $action $*: changed something"
		diff <(echo "$before") <(snapshot)
		failures=$((failures + 1))
	}
}

recurring=OCF_RESKEY_CRM_meta_interval=10000
RUN_AS=()

# An identity that is missing or cannot be one: no start can have succeeded.
while read -r agent identity bad; do
	for value in "" "$bad"; do
		name=${value:+OCF_RESKEY_$identity=$value}
		name=${name:-VZHA_TEST=none}
		expect "$agent" start 6 "$identity" "$name"
		expect "$agent" validate-all 6 "$identity" "$name"
		expect "$agent" monitor 7 - "$name"
		expect "$agent" monitor 1 "$identity" "$recurring" "$name"
		expect "$agent" stop 0 - "$name"
	done
	expect "$agent" no-such-action 3 "no such action" VZHA_TEST=none
done <<-'END'
drbddisk drbd_resource --force
vzroot-relocation shared relative/path
veth-bridge bridge sixteen-bytes-xx
vz-container ctid 0101
END

# An optional value that cannot be: start refuses, the others go on with the default.
while read -r agent identity setting; do
	expect "$agent" start 6 "${setting%%=*}" "OCF_RESKEY_$identity" "OCF_RESKEY_$setting"
	expect "$agent" validate-all 6 "${setting%%=*}" "OCF_RESKEY_$identity" "OCF_RESKEY_$setting"
	expect "$agent" monitor 7 - "OCF_RESKEY_$identity" "OCF_RESKEY_$setting"
	expect "$agent" monitor 7 - "$recurring" "OCF_RESKEY_$identity" "OCF_RESKEY_$setting"
	expect "$agent" stop 0 - "OCF_RESKEY_$identity" "OCF_RESKEY_$setting"
done <<-'END'
drbddisk drbd_resource=r0 bring_up=maybe
drbddisk drbd_resource=r0 promotion_scores=1
drbddisk drbd_resource=r0 wait_connected=-1
vzroot-relocation shared=/d0/vz paths=var/lib/lxc
vzroot-relocation shared=/d0/vz require_mount=2
veth-bridge bridge=br7 forward_delay=010
veth-bridge bridge=br7 mac=01:00:00:00:00:01
vz-container ctid=101 engine=docker
vz-container ctid=101 start_wait=-1
END

# Right for other nodes, wrong here.
expect veth-bridge start 2 "eth1" OCF_RESKEY_bridge=eth1
expect veth-bridge stop 0 - OCF_RESKEY_bridge=eth1
expect vzroot-relocation start 1 "/d0/vz" OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=/var/lib/lxc
expect drbddisk start 1 "r0" OCF_RESKEY_drbd_resource=r0
expect drbddisk start 6 "not promotable" OCF_RESKEY_drbd_resource=r0 OCF_RESKEY_CRM_meta_clone_max=2

# Not root: nothing is tried.
RUN_AS=(setpriv --reuid=65534 --regid=65534 --clear-groups env)
for settings in "drbddisk drbd_resource=r0" "vzroot-relocation shared=/d0/vz" "veth-bridge bridge=br7" \
	"vz-container ctid=101"; do
	read -r agent setting <<<"$settings"
	for action in start stop monitor; do
		expect "$agent" $action 4 "needs root" "OCF_RESKEY_$setting"
	done
done

echo "$cases cases, $failures failed"
((failures == 0))
