#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # for the shell that Heartbeat's scripts use
#
# heartbeat-messages.sh: with the manual's remedy, the messages of two of Heartbeat's scripts that are
# sent at the same time arrive whole. Without it about a quarter of them do not, and a takeover whose
# message is among them does not take place.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
here=$(dirname "$(realpath "$0")")
MESSAGES=500
[[ -e /etc/ha.d/shellfuncs ]] || bed_skip "no heartbeat"

lab=$(mktemp -d) || exit 1
trap 'rm -rf "$lab"' EXIT
mkfifo "$lab/fifo" || exit 1

# pairs FUNCTIONS: how many messages began within another one
pairs()
{
	cat "$lab/fifo" >"$lab/out" &
	local reader=$!
	dash -c '
		sed -n "/^ha_clustermsg()/,/^}/p" "$1" >"$3/send"
		. "$3/send"
		HA_FIFO=$3/fifo
		exec 3>"$HA_FIFO"
		sent=0
		while [ "$sent" -lt "$2" ]; do
			printf "t=resource\nrsc_hold=foreign\n" | ha_clustermsg &
			other=$!
			printf "t=ip-request-resp\nok=OK\n" | ha_clustermsg
			wait "$other"
			sent=$((sent + 1))
		done' - "$1" "$MESSAGES" "$lab"
	wait "$reader"
	[[ $(grep -c '^>>>$' "$lab/out") == $((2 * MESSAGES)) ]] || bed_fail "messages are missing"
	awk '/^>>>$/ { mixed += within; within = 1 } /^<<<$/ { within = 0 } END { print mixed + 0 }' "$lab/out"
}

cp /etc/ha.d/shellfuncs "$lab/distributed"
cp /etc/ha.d/shellfuncs "$lab/remedied"
sed "s:/etc/ha.d/shellfuncs:$lab/remedied:" "$here/heartbeat-messages.txt" | bash -e - || exit 1
cmp -s "$lab/distributed" "$lab/remedied" && bed_fail "the remedy does not fit this Heartbeat"
distributed=$(pairs "$lab/distributed") && remedied=$(pairs "$lab/remedied") || exit 1
echo "of $((2 * MESSAGES)) messages, sent two at a time, mixed: $distributed as distributed, $remedied with the remedy"
[[ $remedied == 0 ]]
