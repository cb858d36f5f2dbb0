#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Bare `drbddisk start|stop|status` in a haresources line, as the article has it: all resources of this node,
# without a name. DRBD is the stand-in of test/fake.

if [[ ! -e /run/vzha-node ]]; then
	exec "$(dirname "$0")/../bed/node/in-node" bash "$(realpath "$0")" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=fixture.sh
. "$(dirname "$0")/fixture.sh"

failures=0
entry=/etc/ha.d/resource.d/drbddisk
mkdir -p "${entry%/*}"
ln -sf /usr/lib/ocf/resource.d/vzha/drbddisk $entry

# expect WHAT ACTION CODE TEXT: the exit code, and what Heartbeat reads (stdout; of start and stop, all of it)
expect()
{
	local out code

	if [[ $2 == status ]]; then
		out=$($entry status 2>/tmp/stderr)
	else
		out=$($entry "$2" 2>&1)
	fi
	code=$?
	# shellcheck disable=SC2053 # a pattern
	[[ $code == "$3" && $out == $4 ]] && echo "ok: $1" && return
	echo "not ok: $1: $2: exit code $code, expected $3; \"$out\", expected \"$4\""
	failures=$((failures + 1))
}

rm -f /usr/sbin/drbdadm /usr/sbin/drbdsetup
expect "neither DRBD nor its tools: nothing runs" status 3 stopped
expect "neither DRBD nor its tools: nothing to stop" stop 0 ""
expect "neither DRBD nor its tools: nothing can be started" start 1 "*drbdadm sh-resources fails*"

fixture drbddisk
expect "one resource" status 3 stopped
expect "one resource" start 0 ""
expect "one resource, Primary" status 0 running
"$VZHA_SOURCE_DIR/test/fake/drbd/install" /lab/drbd mail /lab/mail.img
expect "one of two" status 0 "running (1 of 2)"
expect "both" start 0 ""
expect "both are Primary" status 0 running

# What drbdadm warns of on stderr is no resource.
mkdir /usr/sbin/quiet && mv /usr/sbin/drbdadm /usr/sbin/quiet/
cat >/usr/sbin/drbdadm <<'END'
#!/bin/sh
echo "modinfo: ERROR: Module drbd not found." >&2
exec /usr/sbin/quiet/drbdadm "$@"
END
chmod 755 /usr/sbin/drbdadm
expect "with warnings" status 0 running
expect "with warnings" start 0 ""
expect "with warnings" stop 0 ""
expect "with warnings, stopped" status 3 stopped
mv /usr/sbin/quiet/drbdadm /usr/sbin/drbdadm

# Without a configuration what is up is known all the same. The stand-in's kernel is heard by drbdsetup.
expect "again" start 0 ""
mv /usr/sbin/drbdadm /usr/sbin/quiet/
expect "no drbdadm" status 0 running
expect "no drbdadm" stop 0 ""
expect "no drbdadm, stopped" status 3 stopped
expect "no drbdadm" start 1 "*drbdadm sh-resources fails*drbddisk::r0*"
# And when nobody can say it, never "stopped".
mv /usr/sbin/quiet/drbdadm /usr/sbin/drbdadm
mv /usr/sbin/drbdsetup /usr/sbin/quiet/
expect "nobody says what is up" status 4 "running (state unknown: which DRBD resources there are is not known*"
expect "nobody says what is up" stop 1 "*the kernel does not say*drbddisk::r0*"
mv /usr/sbin/quiet/drbdsetup /usr/sbin/drbdsetup
expect "the tool is back" status 3 stopped
echo "$failures failed"
exit $((failures > 0))
