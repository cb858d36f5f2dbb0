#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# as-user.sh PROGRAM: run a test program as a user who is root in a user namespace of his own only.
# It is copied first: the user may not be able to reach where it was built.

((EUID == 0)) || exec "$1"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
cp "$1" "$dir/test" && setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/test"
